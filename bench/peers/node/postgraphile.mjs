// PostGraphile over a table with the rows of the answer; it has no response cache of its own.

import { createServer } from "node:http";
import { postgraphile } from "postgraphile";
import { grafserv } from "postgraphile/grafserv/node";
import { makePgService } from "postgraphile/adaptors/pg";
import { PostGraphileAmberPreset } from "postgraphile/presets/amber";
import { port, settings } from "./shared.mjs";

const preset = {
  extends: [PostGraphileAmberPreset],
  pgServices: [makePgService({ connectionString: settings.BENCH_DATABASE_URL, schemas: ["bench_peers"] })],
  grafserv: { graphqlPath: "/graphql", graphiql: false },
  grafast: { explain: false },
};
const serve = postgraphile(preset).createServ(grafserv);
const server = createServer();
await serve.addTo(server);
server.listen(port, "127.0.0.1");
