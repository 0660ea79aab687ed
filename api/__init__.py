"""The faces: GraphQL, command line, docs."""
