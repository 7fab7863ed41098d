import Grantline
