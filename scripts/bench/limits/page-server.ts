/** `bun page-server.ts FILE TYPE`: limit (a), an Elysia handler that returns the same bytes. Prints its port. */

import { leaveWithSupervisor } from "@airside/kernel/lifeline"
import { Elysia } from "elysia"

const [file = "", type = ""] = process.argv.slice(2)
const page = await Bun.file(file).bytes()
const app = new Elysia().get("/flights", () => new Response(page, { headers: { "content-type": type } }))
const server = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: app.fetch, development: false })
console.log(server.port)
leaveWithSupervisor(() => server.stop(true))
