"""PostgreSQL and Valkey for one run: started by one call, gone with the process that asked for them."""
