import type { Evidence, Finding, Invariant } from "./evidence.ts"

export const answerInvariants: Invariant[] = [
  {
    name: "confirmed-and-then-not",
    sentence: 'Who was told "confirmed" has a confirmed booking, unless they cancelled it.',
    async find({ admin, exchanges }: Evidence): Promise<Finding[]> {
      const told = new Set<string>()
      const cancelled = new Set<string>()
      for (const { path, answer } of exchanges) {
        if (answer?.booking?.status === "confirmed") told.add(answer.booking.reference)
        const [, reference] = /^\/api\/bookings\/(\w+)\/cancel$/.exec(path) ?? []
        if (reference) cancelled.add(reference)
      }
      const rows: { reference: string; status: string }[] = await admin`select reference, status from backend.bookings`
      const statusOf = new Map(rows.map(({ reference, status }) => [reference, status]))
      return [...told].flatMap((subject) => {
        const status = statusOf.get(subject) ?? "gone"
        const isRight = status === "confirmed" || (status === "cancelled" && cancelled.has(subject))
        return isRight ? [] : [{ subject, detail: `told confirmed, is ${status}` }]
      })
    },
  },
  {
    name: "one-key-two-answers",
    sentence: "The same request under the same key never makes two bookings.",
    find({ exchanges }) {
      const byKey = new Map<string, Set<string>>()
      for (const { key, status, answer } of exchanges) {
        if (!key || status !== 201 || !answer?.booking) continue
        byKey.set(key, (byKey.get(key) ?? new Set()).add(answer.booking.reference))
      }
      return [...byKey]
        .filter(([, references]) => references.size > 1)
        .map(([key, references]) => ({ subject: [...references].join(" "), detail: `both under ${key}` }))
    },
  },
  {
    name: "unexpected-error",
    sentence: "Whatever breaks, nobody is told of an error that nobody foresaw.",
    find({ exchanges }) {
      return exchanges
        .filter(({ status }) => status === 500)
        .map(({ method, path, answer }) => ({ subject: `${method} ${path}`, detail: JSON.stringify(answer) }))
    },
  },
  {
    name: "idle-in-transaction",
    sentence: "No session sits idle in a transaction.",
    async find({ admin }) {
      const rows: { name: string; seconds: number }[] = await admin`
        select usename || ' ' || pid as name, extract(epoch from now() - state_change)::int as seconds
        from pg_stat_activity
        where state like 'idle in transaction%' and state_change < now() - interval '2 seconds'`
      return rows.map(({ name, seconds }) => ({ subject: name, detail: `${seconds} s` }))
    },
  },
  {
    name: "given-up-silently",
    sentence: "A booking that the sweep cannot carry on is flagged for staff.",
    async find({ admin }) {
      const rows: { reference: string; status: string }[] = await admin`
        select reference, status
        from backend.bookings
        where not flagged
          and (step_attempts >= 12 or (next_step_time is null and status not in ('confirmed', 'expired', 'cancelled')))`
      return rows.map(({ reference, status }) => ({ subject: reference, detail: `${status} without an alert` }))
    },
  },
]
