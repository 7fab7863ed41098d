CREATE TABLE grantline_schema (
    version integer NOT NULL
);

INSERT INTO grantline_schema VALUES (1);

CREATE TABLE grantline_records (
    collection text COLLATE "C" NOT NULL,
    name text COLLATE "C" NOT NULL,
    -- Another one with each change: what was read is written over only as it was read.
    version uuid NOT NULL,
    generation numeric(20) NOT NULL,
    ended boolean NOT NULL,
    -- Sealed.
    record bytea NOT NULL,
    -- All times are milliseconds since 1970-01-01T00:00:00Z.
    discard_after numeric(20),
    mark_attempt uuid,
    mark_set bigint,
    lease_attempt uuid,
    lease_until bigint,
    PRIMARY KEY (collection, name)
);

CREATE INDEX grantline_records_marked ON grantline_records (collection, name) WHERE mark_attempt IS NOT NULL;
CREATE INDEX grantline_records_discard_after ON grantline_records (discard_after) WHERE discard_after IS NOT NULL;
