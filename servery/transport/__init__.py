"""GraphQL over HTTP: what a request says, and how an answer to it is dressed."""
