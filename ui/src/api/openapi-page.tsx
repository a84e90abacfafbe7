import type { User } from "@airside/protos/airside/accounts/v1/accounts"
import { Elysia } from "elysia"
import type { UiContext } from "../context.ts"
import { asset } from "../frame.ts"
import { Page, respond } from "../layout.tsx"
import { type OpenApiDocument, openApiDocument } from "./openapi.ts"
import type { JsonSchema } from "./shape.ts"

/** The API's document at /openapi/json, and a page of it that the browser's own search goes through. */
export const apiPage = (context: UiContext) => {
  const document = openApiDocument(context.config.PUBLIC_URL)
  return new Elysia()
    .get("/openapi/json", () => Response.json(document))
    .get("/openapi", async ({ request }) => {
      const { user } = await context.sessions.identityOf(request)
      return respond(<DocumentPage document={document} user={user} />)
    })
}

interface Operation {
  summary: string
  parameters: { name: string; in: string; required: boolean; schema: JsonSchema }[]
  requestBody?: { content: { "application/json": { schema: JsonSchema; example?: unknown } } }
  responses: Record<string, { description: string; content?: Record<string, { schema: JsonSchema }> }>
  tags: string[]
}

function DocumentPage({ document, user }: { document: OpenApiDocument; user: User | undefined }) {
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods as Record<string, Operation>).map(([method, operation]) => ({ path, method, operation })),
  )
  const parts = document.tags.map(({ name }) => ({
    name,
    operations: operations.filter(({ operation }) => operation.tags.includes(name)),
  }))
  return (
    <Page title="JSON API" user={user} path="/openapi">
      <link rel="stylesheet" href={asset("css/api.css")} />
      <div class="page-head">
        <div>
          <h1>JSON API</h1>
          <p>{document.info.description}</p>
          <p>
            <a href="/openapi/json">OpenAPI 3.1 document</a>
          </p>
        </div>
      </div>
      <nav class="api-index" aria-label="Endpoints">
        {parts.map((part) => (
          <div>
            <b>{part.name}</b>
            <ul>
              {part.operations.map(({ method, path }) => (
                <li>
                  <a href={`#${anchor(method, path)}`}>
                    <code>
                      {method.toUpperCase()} {path}
                    </code>
                  </a>
                </li>
              ))}
            </ul>
          </div>
        ))}
      </nav>
      {parts.map((part) => (
        <section class="api-part">
          <h2>{part.name}</h2>
          {part.operations.map((each) => (
            <OperationCard {...each} />
          ))}
        </section>
      ))}
      <section class="api-part">
        <h2>Schemas</h2>
        {Object.entries(document.components.schemas).map(([name, schema]) => (
          <article class="card api-card" id={`schema-${name}`}>
            <h3>{name}</h3>
            {schema.description ? <p>{String(schema.description)}</p> : undefined}
            <SchemaText schema={schema} />
          </article>
        ))}
      </section>
    </Page>
  )
}

const anchor = (method: string, path: string) => `${method}-${path.replace(/\W+/g, "-")}`

function OperationCard({ path, method, operation }: { path: string; method: string; operation: Operation }) {
  const body = operation.requestBody?.content["application/json"]
  const given = operation.parameters.filter(({ in: place }) => place !== "header")
  return (
    <article class="card api-card" id={anchor(method, path)}>
      <h3>
        <code>
          <span class="api-method">{method.toUpperCase()}</span> {path}
        </code>
      </h3>
      <p>{operation.summary}</p>
      <div class="api-sides">
        <div>
          {given.length + (body ? 1 : 0) > 0 && <h4>Request</h4>}
          <ul class="api-schema">
            {given.map(({ name, in: place, required, schema }) => (
              <li>
                <code>
                  {name}
                  {required ? "" : "?"}
                </code>
                {`: ${inWords(schema)}`} <span class="muted">{place}</span>
              </li>
            ))}
          </ul>
          {body && <SchemaText schema={body.schema} />}
          {body?.example !== undefined && <pre>{JSON.stringify(body.example, null, 2)}</pre>}
        </div>
        <div>
          <h4>Answers</h4>
          <dl>
            {Object.entries(operation.responses).map(([status, { description, content }]) => (
              <>
                <dt>{status}</dt>
                <dd>
                  {content?.["application/json"] ? (
                    <SchemaText schema={content["application/json"].schema} />
                  ) : (
                    description
                  )}
                </dd>
              </>
            ))}
          </dl>
        </div>
      </div>
    </article>
  )
}

/** A schema as an outline: one line a property, links to what has a name. */
function SchemaText({ schema }: { schema: JsonSchema }) {
  if (!schema.properties) return <code>{inWords(schema)}</code>
  const required = (schema.required ?? []) as string[]
  return (
    <ul class="api-schema">
      {Object.entries(schema.properties as Record<string, JsonSchema>).map(([name, property]) => {
        const items = property.type === "array" ? (property.items as JsonSchema) : undefined
        const inner = property.properties ? property : items?.properties ? items : undefined
        const reference = String(property.$ref ?? items?.$ref ?? "")
          .split("/")
          .at(-1)
        return (
          <li>
            <code>
              {name}
              {required.includes(name) ? "" : "?"}
            </code>
            {": "}
            {reference ? (
              <>
                {items ? "list of " : ""}
                <a href={`#schema-${reference}`}>{reference}</a>
              </>
            ) : inner ? (
              items ? (
                "list of"
              ) : (
                ""
              )
            ) : (
              inWords(property)
            )}
            {property.description ? <span class="muted"> {String(property.description)}</span> : undefined}
            {inner && <SchemaText schema={inner} />}
          </li>
        )
      })}
    </ul>
  )
}

function inWords(schema: JsonSchema): string {
  if (schema.$ref) return String(schema.$ref).split("/").at(-1)!
  if (schema.enum) return (schema.enum as string[]).join(" | ")
  if (schema.anyOf) return (schema.anyOf as JsonSchema[]).map(inWords).join(" or ")
  if (schema.type === "array") return `list of ${inWords(schema.items as JsonSchema)}`
  const limits = [schema.minimum, schema.maximum].some((limit) => limit !== undefined)
    ? ` ${schema.minimum ?? ""}…${schema.maximum ?? ""}`
    : ""
  const example = schema.example === undefined ? "" : `, such as ${JSON.stringify(schema.example)}`
  return `${schema.format ?? schema.type}${limits}${example}`
}
