// GraphQL Yoga with its response cache, in Redis or in its own memory.

import { createServer } from "node:http";
import { createRedisCache } from "@envelop/response-cache-redis";
import { useResponseCache } from "@graphql-yoga/plugin-response-cache";
import { createSchema, createYoga } from "graphql-yoga";
import { Redis } from "ioredis";
import { port, resolvers, settings, typeDefs } from "./shared.mjs";

const redis = settings.BENCH_REDIS_URL;
const yoga = createYoga({
  schema: createSchema({ typeDefs, resolvers }),
  logging: false,
  graphiql: false,
  plugins: [
    useResponseCache({
      session: () => null,
      ttl: 86_400_000,
      ...(redis ? { cache: createRedisCache({ redis: new Redis(redis) }) } : {}),
    }),
  ],
});
createServer(yoga).listen(port, "127.0.0.1");
