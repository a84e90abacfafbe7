import { Elysia } from "elysia"
import type { UiContext } from "../context.ts"
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

function DocumentPage({ document, user }: { document: OpenApiDocument; user: Parameters<typeof Page>[0]["user"] }) {
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods as Record<string, Operation>).map(([method, operation]) => ({ path, method, operation })),
  )
  return (
    <Page title="JSON API" user={user} path="/openapi">
      <div class="page-head">
        <div>
          <h1>JSON API</h1>
          <p>{document.info.description}</p>
          <p>
            <a href="/openapi/json">OpenAPI 3.1 document</a> for your tools.
          </p>
        </div>
      </div>
      {document.tags.map(({ name }) => (
        <section>
          <h2 id={name.toLowerCase()}>{name}</h2>
          {operations
            .filter(({ operation }) => operation.tags.includes(name))
            .map((each) => (
              <OperationCard {...each} />
            ))}
        </section>
      ))}
      <section>
        <h2 id="schemas">Schemas</h2>
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

function OperationCard({ path, method, operation }: { path: string; method: string; operation: Operation }) {
  const body = operation.requestBody?.content["application/json"]
  return (
    <article class="card api-card" id={`${method}-${path.replace(/\W+/g, "-")}`}>
      <h3>
        <code>
          {method.toUpperCase()} {path}
        </code>
      </h3>
      <p>{operation.summary}</p>
      {operation.parameters.length > 0 && (
        <table>
          <thead>
            <tr>
              <th scope="col">Parameter</th>
              <th scope="col">In</th>
              <th scope="col">Value</th>
            </tr>
          </thead>
          <tbody>
            {operation.parameters.map((parameter) => (
              <tr>
                <td>
                  <code>{parameter.name}</code>
                  {parameter.required ? " (required)" : ""}
                </td>
                <td>{parameter.in}</td>
                <td>
                  <code>{inWords(parameter.schema)}</code>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {body && <h4>Request</h4>}
      {body && <SchemaText schema={body.schema} />}
      {body?.example !== undefined && <pre>{JSON.stringify(body.example, null, 2)}</pre>}
      <h4>Answers</h4>
      <dl>
        {Object.entries(operation.responses).map(([status, response]) => (
          <>
            <dt>{status}</dt>
            <dd>
              {response.description}
              {response.content?.["application/json"] && (
                <SchemaText schema={response.content["application/json"].schema} />
              )}
            </dd>
          </>
        ))}
      </dl>
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
