import { SQL } from "bun"
import { DEMO_PASSWORD, DEMO_PEOPLE } from "../../services/backend/seed/demo-people.ts"
import { type Running, startChild } from "./child.ts"
import type { Installation } from "./settings.ts"

/**
 * Says where Airside is. With the sandbox, an installation that has no accounts yet also gets its demo people and trips,
 * through the running services; not with a Stripe key, for everybody knows their password. Airside runs without them
 * too: what goes wrong there is said and no more.
 */
export function welcome(
  { sandbox, dataDir }: Installation,
  environment: Record<string, string>,
  print: (line: string) => void,
): Running {
  let seeding: Running | undefined
  let stopped = false

  async function speak() {
    const lines = [
      `Airside is ready: ${environment.PUBLIC_URL}`,
      sandbox && "  payments go to the sandbox: card 4242 4242 4242 4242, any later date, any code",
      `  data in ${dataDir}; started in ${(performance.now() / 1000).toFixed(1)} s; Ctrl-C stops it`,
    ]
    print(`\n${lines.filter(Boolean).join("\n")}`)
    if (sandbox) await offerDemo()
    print("")
    return { code: 0, how: "done", lastLines: [] }
  }

  async function offerDemo() {
    let known = await usernames(environment.DATABASE_URL!)
    if (known.length === 0 && !stopped) {
      print("  adding demo people and trips …")
      seeding = startChild({ name: "seed-demo", script: "scripts/seed-demo.ts", environment }, print)
      const { code } = await seeding.ended
      if (code !== 0) print("  they are not complete; bun run seed:demo tries again")
      known = await usernames(environment.DATABASE_URL!)
    }
    const people = DEMO_PEOPLE.map(({ username }) => username).filter((username) => known.includes(username))
    if (people.length > 0) print(`  log in as ${people.join(" or ")} with the password ${DEMO_PASSWORD}`)
  }

  const stop = () => {
    stopped = true
    seeding?.stop()
  }
  const ended = speak().catch((error: Error) => ({ code: stopped ? 0 : null, how: error.message, lastLines: [] }))
  return { ended, stop, kill: () => seeding?.kill() }
}

/** Of the demo people first; enough to tell whether there is anybody. */
async function usernames(databaseUrl: string): Promise<string[]> {
  const sql = new SQL(databaseUrl, { max: 1 })
  const demo = DEMO_PEOPLE.map(({ username }) => username)
  try {
    const rows: { username: string }[] = await sql`
      select username
      from backend.users
      order by username in ${sql(demo)} desc
      limit ${demo.length}`
    return rows.map(({ username }) => username)
  } finally {
    await sql.close()
  }
}
