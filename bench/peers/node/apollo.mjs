// Apollo Server with its response cache, in Redis or in its own memory.

import { ApolloServer } from "@apollo/server";
import { startStandaloneServer } from "@apollo/server/standalone";
import responseCache from "@apollo/server-plugin-response-cache";
import { KeyvAdapter } from "@apollo/utils.keyvadapter";
import KeyvRedis from "@keyv/redis";
import Keyv from "keyv";
import { port, resolvers, settings, typeDefs } from "./shared.mjs";

const directive = `
  directive @cacheControl(maxAge: Int, inheritMaxAge: Boolean) on FIELD_DEFINITION | OBJECT
`;
const kept = typeDefs
  .replace("): AnalyticsResult!", "): AnalyticsResult! @cacheControl(maxAge: 86400)")
  .replace("metadata: Metadata!", "metadata: Metadata! @cacheControl(inheritMaxAge: true)");
const redis = settings.BENCH_REDIS_URL;
const server = new ApolloServer({
  typeDefs: directive + kept,
  resolvers,
  ...(redis ? { cache: new KeyvAdapter(new Keyv(new KeyvRedis(redis))) } : {}),
  plugins: [(responseCache.default ?? responseCache)()],
});
await startStandaloneServer(server, { listen: { port, host: "127.0.0.1" } });
