// Asks the server that served the page, and no other; whatever goes wrong comes back as a GraphQL error.
import type { Fetcher, FetcherOpts, FetcherParams } from "@graphiql/toolkit";

const ENDPOINT = "/graphql";
const ACCEPT = "application/graphql-response+json, application/json;q=0.9";

export const ask: Fetcher = async (params, options) => {
  try {
    return await answerOf(await post(params, options));
  } catch (error) {
    return refusal(`Servery cannot be reached: ${error instanceof Error ? error.message : String(error)}`);
  }
};

function post(params: FetcherParams, options?: FetcherOpts): Promise<Response> {
  return fetch(ENDPOINT, {
    method: "POST",
    credentials: "same-origin",
    headers: { Accept: ACCEPT, ...options?.headers, "Content-Type": "application/json" },
    body: JSON.stringify(params),
  });
}

/** A proxy's error page is not GraphQL: say so in place of a complaint about its first character. */
async function answerOf(response: Response) {
  const text = await response.text();
  try {
    return JSON.parse(text);
  } catch {
    return refusal(`The server answered ${response.status} ${response.statusText}, which is not GraphQL.`);
  }
}

function refusal(message: string) {
  return { errors: [{ message }] };
}
