"""Records of a file become rows of the database, a chunk at a time; services open the transaction."""
