// What the peers on Node share: their settings, from standard input, and the schema that two of them serve.

import { readFileSync } from "node:fs";

const told = JSON.parse(readFileSync(0, "utf-8"));

export const port = Number(process.argv[2]);
export const settings = told.environment;

export const typeDefs = `
  scalar JSON
  type Metadata { source: String! totalRows: Int! }
  type AnalyticsResult { data: JSON! metadata: Metadata! }
  type Query {
    analytics(metrics: [String!]!, dimensions: [String!]!, limit: Int): AnalyticsResult!
  }
`;

// Stands for the database, which is asked once only.
const rows = settings.BENCH_ROWS ? JSON.parse(readFileSync(settings.BENCH_ROWS, "utf-8")) : [];

export const resolvers = {
  Query: {
    analytics: () => ({ data: rows, metadata: { source: "CACHE", totalRows: rows.length } }),
  },
};
