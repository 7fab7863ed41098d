//! The tables.

use grantline_core::{StoreFailure, StoreFailureKind};
use tokio_postgres::Client;
use tokio_postgres::error::SqlState;

use super::failure::broke;
use crate::stores::kept::Broke;

const VERSION: i32 = 1;
const CREATE: &str = include_str!("schema.sql");

/// Sees to it that the tables are there, and are ours.
pub(super) async fn provide(client: &Client) -> Result<(), Broke> {
    if let Some(found) = version(client).await? {
        check(found)?;
    } else {
        create(client).await?;
        // By whoever was faster; it may be a newer release.
        let found = version(client).await?.ok_or_else(|| damaged("its table vanished"))?;
        check(found)?;
    }
    Ok(())
}

async fn version(client: &Client) -> Result<Option<i32>, Broke> {
    let rows = client.query_typed("SELECT version FROM grantline_schema", &[]).await;
    match rows {
        Ok(rows) => match rows.as_slice() {
            [row] => Ok(Some(row.try_get(0).map_err(|error| damaged(&error.to_string()))?)),
            rows => Err(damaged(&format!("it has {} rows", rows.len()))),
        },
        Err(error) if error.code() == Some(&SqlState::UNDEFINED_TABLE) => Ok(None),
        Err(error) => Err(broke(&error)),
    }
}

/// In one transaction: statements that are sent together are one.
async fn create(client: &Client) -> Result<(), Broke> {
    match client.batch_execute(CREATE).await {
        Err(error) if !is_there_already(&error) => Err(broke(&error)),
        _ => Ok(()),
    }
}

/// Two who create a table at once meet in the catalogue before they meet in the table's name.
fn is_there_already(error: &tokio_postgres::Error) -> bool {
    let codes = [SqlState::DUPLICATE_TABLE, SqlState::DUPLICATE_OBJECT, SqlState::UNIQUE_VIOLATION];
    error.code().is_some_and(|code| codes.contains(code))
}

fn check(found: i32) -> Result<(), StoreFailure> {
    match found {
        VERSION => Ok(()),
        newer if newer > VERSION => {
            let detail = format!("the tables are of version {newer}, and this release knows {VERSION}");
            Err(StoreFailure::new(StoreFailureKind::TooNew, detail))
        }
        other => Err(damaged(&format!("it says {other}")).failure),
    }
}

fn damaged(how: &str) -> Broke {
    let detail = format!("the version of the tables cannot be read: {how}");
    StoreFailure::new(StoreFailureKind::Damaged, detail).into()
}
