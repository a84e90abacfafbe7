/**
 * `bun run create-admin [--username NAME] [--email ADDRESS] [--password PASSWORD] [--dry-run] [--json]`: adds a member of
 * staff, or makes the person with this username one. Without --password and AIRSIDE_PASSWORD a new one is made and
 * printed once. Exit codes: 0 done, 1 failed.
 */

import { connectDatabase } from "@airside/kernel/sql"
import { addPerson, newPassword } from "../services/backend/seed/people.ts"
import { runDatabaseTask } from "./run-database-task.ts"

await runDatabaseTask(
  "bun run create-admin [--username NAME] [--email ADDRESS] [--password PASSWORD] [--dry-run] [--json]",
  { username: { type: "string" }, email: { type: "string" }, password: { type: "string" } },
  {
    async run({ environment, dryRun, options }) {
      const username = options.username ?? "admin"
      const given = options.password ?? process.env.AIRSIDE_PASSWORD
      const password = given ?? newPassword()
      const person = {
        username,
        email: options.email ?? `${username}@localhost.localdomain`,
        firstName: username,
        lastName: "Staff",
        password,
        staff: true,
      }
      const database = connectDatabase({ url: environment.DATABASE_URL!, connections: 2, name: "airside-create-admin" })
      const done = await addPerson(database, person, { dryRun }).finally(() => database.close())
      return { username, done, ...(done === "added" && !given && { password }) }
    },
    summary: ({ username, done, password }) => [
      `${username}: ${done}`,
      ...(password ? [`password: ${password} (shown this once)`] : []),
    ],
  },
)
