// The peer: @neo4j/graphql's own resolvers behind Yoga, on the same graph. It prints its address once it serves.
import { Neo4jGraphQL } from '@neo4j/graphql';
import { createYoga } from 'graphql-yoga';
import neo4j from 'neo4j-driver';
import { createServer } from 'node:http';

const typeDefs = `
  type Company @node {
    id: ID!
    name: String
    people: [Person!]! @relationship(type: "WORKS_AT", direction: IN, properties: "Job")
  }
  type Person @node {
    id: ID!
    name: String
    managers: [Person!]! @relationship(type: "REPORTS_TO", direction: OUT, properties: "Reporting")
    groups: [BuyingGroup!]! @relationship(type: "HAS_ROLE_IN", direction: OUT, properties: "Role")
  }
  type BuyingGroup @node { id: ID! company_id: ID }
  type Job @relationshipProperties {
    title: String department: String job_level: String
    valid_from: BigInt! valid_to: BigInt! recorded_at: BigInt! retracted_at: BigInt!
  }
  type Reporting @relationshipProperties { line: String valid_from: BigInt! valid_to: BigInt! recorded_at: BigInt! retracted_at: BigInt! }
  type Role @relationshipProperties { role: String role_confidence: Float valid_from: BigInt! valid_to: BigInt! recorded_at: BigInt! retracted_at: BigInt! }
`;
const driver = neo4j.driver(process.env.NEO4J_URI, neo4j.auth.basic(process.env.NEO4J_USER, process.env.NEO4J_PASSWORD));
const schema = await new Neo4jGraphQL({ typeDefs, driver }).getSchema();
const yoga = createYoga({ schema, logging: false, graphiql: false });
const server = createServer(yoga);
server.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}/graphql`));
