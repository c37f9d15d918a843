// Package export writes the records of a run for other programs, a row for each value and each failed cell: as CSV, as Parquet, as Go benchmark text. The columns of
// the tables are those of Columns, in that order, and mean what the fields of the same names mean in records.jsonl.
package export
