import { subjectOf } from "./identity.ts"
import { derivedId } from "./ids.ts"
import type { Call } from "./rpc-server.ts"
import type { Database } from "./sql.ts"

/**
 * Keeps in the service's own `audit_entries` who asked for a repair and what came of it; a repeated request is one
 * entry, with its latest result.
 */
export async function recordRepair(
  { database: { sql }, call }: { database: Database; call: Call },
  { requestId }: { requestId: string },
  { action, target, result }: { action: string; target: string; result: string },
): Promise<void> {
  const { caller } = call
  if (caller.kind !== "person") throw new Error(`${subjectOf(caller)} repairs nothing by hand`)
  await sql`
    insert into audit_entries (id, user_id, action, target, result)
    values (${derivedId("audit", caller.userId, requestId)}, ${caller.userId}, ${action}, ${target.slice(0, 100)}, ${result.slice(0, 300)})
    on conflict (id) do update
    set result = excluded.result`
}
