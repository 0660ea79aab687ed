"""GraphQL over HTTP, judged by others: graphql-http's audits and schemathesis, against a server of its own."""
