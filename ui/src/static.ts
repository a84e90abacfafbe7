import { join } from "node:path"
import { Elysia } from "elysia"
import { HttpProblem } from "./problems.ts"

const FOLDER = join(import.meta.dir, "../public")
const A_YEAR = "public, max-age=31536000, immutable"
const ASK_EACH_TIME = "public, no-cache"

/**
 * Serves ui/public under /public. Only files that were there at start are known, so a path leads nowhere else.
 * An address that names its version may be kept for ever; any other one is asked for each time, by ETag.
 */
export const staticFiles = () => {
  const known = new Set(new Bun.Glob("**/*").scanSync({ cwd: FOLDER, onlyFiles: true }))
  return new Elysia().get("/public/*", async ({ request, params, query }) => {
    const path = decoded(params["*"])
    if (!known.has(path)) throw new HttpProblem(404, "NOT_FOUND", "There is no such file.")
    const file = Bun.file(join(FOLDER, path))
    const etag = `W/"${file.size.toString(36)}-${file.lastModified.toString(36)}"`
    const headers = { etag, "cache-control": query.v ? A_YEAR : ASK_EACH_TIME }
    if (request.headers.get("if-none-match") === etag) return new Response(null, { status: 304, headers })
    return new Response(file, { headers: { ...headers, "content-type": file.type } })
  })
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    return ""
  }
}
