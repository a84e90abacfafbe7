import { trimAnswers } from "@airside/kernel/idempotency"
import type { Context } from "./context.ts"

const KEPT_DAYS = 30

/** Forgets answers, and events that Stripe itself no longer knows. */
export async function trimRecords(context: Pick<Context, "database">): Promise<void> {
  await trimAnswers(context)
  await context.database.sql`
    delete from webhook_events
    where create_time < now() - ${KEPT_DAYS} * interval '1 day'`
}
