"""What we hand over: tables as CSV, XLSX and Parquet."""
