//! What the server is set to, as far as that decides what survives.

use std::collections::BTreeMap;

use tokio_postgres::Client;

use super::failure::broke;
use crate::stores::kept::Broke;

const READ: &str = "SELECT name, setting FROM pg_settings \
     WHERE name IN ('fsync', 'full_page_writes', 'synchronous_commit')";

pub(super) async fn read(client: &Client) -> Result<BTreeMap<String, String>, Broke> {
    let rows = client.query_typed(READ, &[]).await.map_err(|error| broke(&error))?;
    let pair = |row: &tokio_postgres::Row| Ok((row.try_get(0)?, row.try_get(1)?));
    rows.iter().map(pair).collect::<Result<_, _>>().map_err(|error| broke(&error))
}
