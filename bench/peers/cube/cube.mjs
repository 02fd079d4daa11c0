// Cube without its store: the cache of results and the queue are in memory.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const told = JSON.parse(readFileSync(0, "utf-8")).environment;
Object.assign(process.env, {
  CUBEJS_DB_TYPE: "postgres",
  CUBEJS_CACHE_AND_QUEUE_DRIVER: "memory",
  CUBEJS_TELEMETRY: "false",
  CUBEJS_API_SECRET: "bench",
  CUBEJS_SCHEDULED_REFRESH_TIMER: "false",
  CUBEJS_LOG_LEVEL: "error",
  NODE_ENV: "production",
});
const loaded = require("@cubejs-backend/server-core");
const CubejsServerCore = loaded.CubejsServerCore ?? loaded.default ?? loaded;
const PostgresDriver = require("@cubejs-backend/postgres-driver");
const express = require("express");

const model = `
cube("Answers", {
  sql: "select * from bench_peers.answers",
  refreshKey: { every: "1 day" },
  measures: {
    faturamento: { sql: "faturamento", type: "sum" },
    ticketMedio: { sql: "ticket_medio", type: "sum" },
    qtdVendas: { sql: "qtd_vendas", type: "sum" },
  },
  dimensions: {
    store: { sql: "store", type: "string" },
    channel: { sql: "channel", type: "string" },
  },
});
`;
const core = new CubejsServerCore({
  driverFactory: () => new PostgresDriver({ connectionString: told.BENCH_DATABASE_URL }),
  repositoryFactory: () => ({ dataSchemaFiles: async () => [{ fileName: "answers.js", content: model }] }),
  checkAuth: () => {},
  telemetry: false,
  logger: () => {},
});
const app = express();
app.use(express.json());
await core.initApp(app);
app.listen(Number(process.argv[2]), "127.0.0.1");
