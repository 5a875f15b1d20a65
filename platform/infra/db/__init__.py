"""The PostgreSQL backend that keeps the scope right for every statement (ENGINE = "infra.db"), and the roles."""
