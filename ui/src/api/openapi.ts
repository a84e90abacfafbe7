import type { Endpoint } from "./endpoint.ts"
import { API } from "./endpoints.ts"
import type { JsonSchema } from "./shape.ts"

/** The API as an OpenAPI 3.1 document, made of the same shapes that requests are parsed by and answers are typed by. */
export function openApiDocument(publicUrl: string) {
  const schemas: Record<string, JsonSchema> = { Problem: PROBLEM }
  const paths: Record<string, Record<string, unknown>> = {}
  for (const [tag, endpoints] of Object.entries(API)) {
    for (const endpoint of endpoints) {
      const path = endpoint.path.replace(/:(\w+)/g, "{$1}")
      paths[path] = { ...paths[path], [endpoint.method.toLowerCase()]: operation(tag, endpoint, schemas) }
    }
  }
  return {
    openapi: "3.1.0",
    info: { title: "Airside", version: "1", description: ABOUT },
    servers: [{ url: publicUrl }],
    tags: Object.keys(API).map((name) => ({ name })),
    security: [{}, { bearer: [] }, { session: [] }],
    paths,
    components: {
      schemas,
      securitySchemes: {
        bearer: { type: "http", scheme: "bearer", description: "The access_token of log-in, book or find." },
        session: { type: "apiKey", in: "cookie", name: "airside_session" },
      },
    },
  }
}

export type OpenApiDocument = ReturnType<typeof openApiDocument>

const ABOUT = [
  'Money is {"currency","minor_units"}: whole minor units, cents for USD. Dates are YYYY-MM-DD, instants RFC 3339.',
  "Every POST takes an Idempotency-Key (a UUID): the same request with the same key is carried out once and answered",
  "the same. Without one the server makes one up and answers it in the header of the same name.",
  "Errors are application/problem+json with a stable reason; bad input names every bad field in errors. Any endpoint",
  "can answer 401 SESSION_ENDED, 413 BODY_TOO_LARGE, 415 CONTENT_TYPE, 400 MALFORMED_JSON, 409 REQUEST_ID_REUSED or",
  "REQUEST_IN_PROGRESS, and 503 with Retry-After: repeat that one with the same Idempotency-Key.",
].join(" ")

const PROBLEM: JsonSchema = {
  title: "Problem",
  description: "RFC 9457, with the reason for programs and the bad fields.",
  type: "object",
  required: ["type", "title", "status", "detail", "reason", "request_id"],
  properties: {
    type: { type: "string", example: "urn:airside:problem:sold_out" },
    title: { type: "string", example: "Conflict" },
    status: { type: "integer", example: 409 },
    detail: { type: "string", example: "There are not enough seats left on this flight." },
    reason: { type: "string", example: "SOLD_OUT" },
    request_id: { type: "string", format: "uuid" },
    errors: {
      type: "array",
      items: {
        type: "object",
        required: ["field", "message"],
        properties: {
          field: { type: "string", example: "passengers[0].family_name" },
          message: { type: "string", example: "is missing" },
        },
      },
    },
  },
}

function operation(tag: string, endpoint: Endpoint, schemas: Record<string, JsonSchema>) {
  const { method, path, summary, query, body, success, example } = endpoint
  const parameters = [
    ...[...path.matchAll(/:(\w+)/g)].map(([, name]) => ({
      name,
      in: "path",
      required: true,
      schema: { type: "string" },
    })),
    ...Object.entries(query?.properties ?? {}).map(([name, shape]) => ({
      name,
      in: "query",
      required: !shape.optional,
      schema: shape.schema,
    })),
    ...(method === "POST" ? [IDEMPOTENCY_KEY] : []),
  ]
  const media = (schema: JsonSchema) => ({ "application/json": { schema: named(schema, schemas) } })
  return {
    operationId: `${method.toLowerCase()}${path.replace(/[^a-z]+/gi, "_")}`,
    tags: [tag],
    summary,
    parameters,
    ...(body && {
      requestBody: {
        required: !body.optional,
        content: { "application/json": { schema: named(body.schema, schemas), example } },
      },
    }),
    responses: {
      [success.status]: {
        description: success.answer ? "Done." : "Done; there is nothing to say.",
        ...(success.answer && { content: media(success.answer.schema) }),
      },
      ...problemResponses(endpoint),
    },
  }
}

const IDEMPOTENCY_KEY = {
  name: "Idempotency-Key",
  in: "header",
  required: false,
  schema: { type: "string", format: "uuid" },
}

/** The reasons by status; every endpoint with input can refuse it. */
function problemResponses({ reasons, query, body, method }: Endpoint) {
  const all = { ...reasons, ...((query || body || method === "POST") && { INVALID_REQUEST: 422 }) }
  const statuses = [...new Set(Object.values(all))].sort()
  return Object.fromEntries(
    statuses.map((status) => [
      status,
      {
        description: Object.keys(all)
          .filter((reason) => all[reason as keyof typeof all] === status)
          .join(", "),
        content: { "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } } },
      },
    ]),
  )
}

/** Moves every schema that has a title under components, where it is written once. */
function named(schema: JsonSchema, schemas: Record<string, JsonSchema>): JsonSchema {
  const copy = Object.fromEntries(
    Object.entries(schema).map(([key, value]) => [key, withNamedParts(value, schemas)]),
  ) as JsonSchema
  if (typeof schema.title !== "string" || schema.type !== "object") return copy
  schemas[schema.title] = copy
  return { $ref: `#/components/schemas/${schema.title}` }
}

function withNamedParts(value: unknown, schemas: Record<string, JsonSchema>): unknown {
  if (Array.isArray(value)) return value.map((each) => withNamedParts(each, schemas))
  if (value !== null && typeof value === "object") return named(value as JsonSchema, schemas)
  return value
}
