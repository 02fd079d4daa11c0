import { defineConfig } from "vite";
import { explorerLists } from "./explorer-lists";

export default defineConfig({
  base: "/static/",
  build: {
    chunkSizeWarningLimit: 4096, // Monaco is one large chunk, loaded by the GraphiQL page only
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    rolldownOptions: {
      input: ["graphiql.html"], // one HTML file for each page
      output: { keepNames: true }, // GraphiQL titles its icons by the names of their functions
      onwarn: (warning, warn) => {
        // Libraries mark their files "use client" for servers that render; nothing here does.
        if (warning.code !== "MODULE_LEVEL_DIRECTIVE") warn(warning);
      },
    },
    sourcemap: false,
    target: "es2022",
  },
  plugins: [explorerLists()],
  worker: { format: "es" },
});
