import { expect, test } from "bun:test"
import { freePort, portProblems } from "./ports.ts"

test("a busy port is named with the setting that moves it; a free one is not", async () => {
  const server = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: () => new Response() })
  const port = server.port!
  const problems = await portProblems([
    { setting: "BACKEND_PORT", host: "127.0.0.1", port },
    { setting: "UI_PORT", host: "127.0.0.1", port: await freePort() },
  ])
  await server.stop(true)
  expect(problems).toEqual([`port ${port} is busy: another program listens there; set BACKEND_PORT to another one`])
})

test("an address that is not of this machine is said once", async () => {
  const uses = ["UI_PORT", "BACKEND_PORT"].map((setting) => ({ setting, host: "192.0.2.1", port: 8000 }))
  const problems = await portProblems(uses)
  expect(problems).toEqual([
    "HOST 192.0.2.1 cannot be listened on (EADDRNOTAVAIL): set it to an address of this machine",
  ])
})
