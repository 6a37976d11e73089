//! One digest over all tables, for comparing two rebuilds.

use rusqlite::types::ValueRef;
use truce_core::Digest;

use crate::Store;
use crate::error::Result;
use crate::schema::TABLE_ORDERS;

impl Store {
    /// A digest over every row of every table, in a fixed order. It is the same for two stores
    /// with the same content, however their entries were grouped into transactions.
    ///
    /// # Errors
    /// [`crate::Error::Sqlite`] when a table cannot be read.
    pub fn digest(&self) -> Result<Digest> {
        let mut tables = Vec::with_capacity(TABLE_ORDERS.len());
        for (table, order) in TABLE_ORDERS {
            tables.push(self.table_digest(table, order)?);
        }
        let parts: Vec<&[u8]> = tables.iter().map(|digest| digest.0.as_slice()).collect();
        Ok(Digest::of_parts("truce store v1", &parts))
    }

    /// A chain over the rows of one table: each step hashes the step before with a row.
    fn table_digest(&self, table: &str, order: &str) -> Result<Digest> {
        let sql = format!("SELECT * FROM {table} ORDER BY {order}");
        let mut statement = self.connection.prepare(&sql)?;
        let columns = statement.column_count();
        let mut rows = statement.query([])?;
        let mut digest = Digest::of(table.as_bytes());
        let mut bytes = Vec::new();
        while let Some(row) = rows.next()? {
            bytes.clear();
            for column in 0..columns {
                push(&mut bytes, row.get_ref(column)?);
            }
            digest = Digest::of_parts("truce store row v1", &[&digest.0, &bytes]);
        }
        Ok(digest)
    }
}

/// Appends a value with its type and length, so that no two rows give the same bytes.
fn push(bytes: &mut Vec<u8>, value: ValueRef<'_>) {
    let (kind, content): (u8, &[u8]) = match value {
        ValueRef::Null => (0, &[]),
        ValueRef::Integer(number) => (1, &number.to_be_bytes()),
        ValueRef::Real(number) => (2, &number.to_bits().to_be_bytes()),
        ValueRef::Text(text) => (3, text),
        ValueRef::Blob(blob) => (4, blob),
    };
    bytes.push(kind);
    bytes.extend_from_slice(&(content.len() as u64).to_be_bytes());
    bytes.extend_from_slice(content);
}
