import { type Evidence, type Finding, type Invariant, moneyByBooking } from "./evidence.ts"

interface BookingMoney {
  reference: string
  status: string
  asked: number
  givenBack: number
}

/** What the card was asked for and what cancelling has promised back. */
async function bookings({ admin }: Evidence): Promise<BookingMoney[]> {
  return admin`
    select b.reference, b.status, b.payment_minor_units::float8 as asked,
           coalesce((
             select sum(c.refund_minor_units) from backend.cancellations c where c.booking_id = b.id
           ), 0)::float8 as "givenBack"
    from backend.bookings b`
}

const FINAL = ["confirmed", "cancelled", "expired"]

export const moneyInvariants: Invariant[] = [
  {
    name: "charged-twice",
    sentence: "No booking has more than one charge that was not refunded.",
    async find(evidence): Promise<Finding[]> {
      return [...(await moneyByBooking(evidence))]
        .filter(([, { unrefundedCharges }]) => unrefundedCharges > 1)
        .map(([subject, { unrefundedCharges }]) => ({ subject, detail: `${unrefundedCharges} charges` }))
    },
  },
  {
    name: "paid-for-nothing",
    sentence: "Who has paid has a confirmed booking or the money back.",
    async find(evidence) {
      const money = await moneyByBooking(evidence)
      const known = new Map((await bookings(evidence)).map((booking) => [booking.reference, booking.status]))
      return [...money].flatMap(([subject, { kept }]) => {
        const status = known.get(subject) ?? "unknown"
        const isEntitled = status === "confirmed" || status === "cancelled"
        return kept === 0 || isEntitled ? [] : [{ subject, detail: `${status}, ${kept} kept` }]
      })
    },
  },
  {
    name: "ticket-for-nothing",
    sentence: "A confirmed booking has been paid, exactly.",
    async find(evidence) {
      const money = await moneyByBooking(evidence)
      return (await bookings(evidence)).flatMap(({ reference, status, asked, givenBack }) => {
        const kept = money.get(reference)?.kept ?? 0
        if (status !== "confirmed" || kept === asked - givenBack) return []
        return [{ subject: reference, detail: `${kept} kept, ${asked} asked, ${givenBack} given back` }]
      })
    },
  },
  {
    name: "refund-differs",
    sentence: "Who cancelled got back what the quote said, once.",
    async find(evidence) {
      const money = await moneyByBooking(evidence)
      const quoted = quotesUsed(evidence)
      const promises: { reference: string; refund: number }[] = await evidence.admin`
        select b.reference, c.refund_minor_units::float8 as refund
        from backend.cancellations c join backend.bookings b on b.id = c.booking_id
        where b.status in ('confirmed', 'cancelled')`
      const kept = (await bookings(evidence)).flatMap(({ reference, status, asked, givenBack }) => {
        const { kept } = money.get(reference) ?? { kept: 0 }
        if (status !== "cancelled" || kept === asked - givenBack) return []
        return [{ subject: reference, detail: `${kept} kept of ${asked}, ${givenBack} promised` }]
      })
      const notQuoted = promises
        .filter(({ reference, refund }) => !quoted.get(reference)?.has(refund))
        .map(({ reference, refund }) => ({ subject: reference, detail: `${refund} promised, and that was not quoted` }))
      return [...kept, ...notQuoted]
    },
  },
  {
    name: "ledger-unbalanced",
    sentence: "Debits and credits of every posting are the same.",
    async find({ admin }) {
      const rows: { posting: string; difference: number }[] = await admin`
        select payment_id || ' ' || posting_id as posting,
               sum(case side when 'debit' then amount_minor_units else -amount_minor_units end)::float8 as difference
        from payment.ledger_entries
        group by payment_id, posting_id, currency
        having sum(case side when 'debit' then amount_minor_units else -amount_minor_units end) <> 0`
      return rows.map(({ posting, difference }) => ({
        subject: `posting ${posting}`,
        detail: `differs by ${difference}`,
      }))
    },
  },
  {
    name: "ledger-differs-from-stripe",
    sentence: "Our ledger has every charge and every refund of Stripe's, and no other.",
    async find({ admin, stripe }) {
      const rows: { paymentId: string; taken: number; returned: number }[] = await admin`
        select payment_id as "paymentId",
               coalesce(sum(amount_minor_units) filter (where side = 'debit'), 0)::float8 as taken,
               coalesce(sum(amount_minor_units) filter (where side = 'credit'), 0)::float8 as returned
        from payment.ledger_entries
        where account = 'stripe_balance'
        group by payment_id`
      const ours = new Map(rows.map((row) => [row.paymentId, row]))
      const [charged, refunded] = [totals(stripe.charges), totals(stripe.refunds)]
      const payments = new Set([...charged.keys(), ...ours.keys()])
      return [...payments].flatMap((paymentId) => {
        const { taken = 0, returned = 0 } = ours.get(paymentId) ?? {}
        const theirs = { taken: charged.get(paymentId) ?? 0, returned: refunded.get(paymentId) ?? 0 }
        if (taken === theirs.taken && returned === theirs.returned) return []
        const detail = `ledger ${taken} − ${returned}, Stripe ${theirs.taken} − ${theirs.returned}`
        return [{ subject: `payment ${paymentId}`, detail }]
      })
    },
  },
  {
    name: "not-settled",
    sentence: "Every booking is at its end when it must be.",
    async find(evidence) {
      const open = (await bookings(evidence)).filter(({ status }) => !FINAL.includes(status))
      const pending: { reference: string }[] = await evidence.admin`
        select p.booking_reference as reference
        from payment.refunds r join payment.payment_transactions p on p.id = r.payment_id
        where r.status = 'pending'`
      return [
        ...open.map(({ reference, status }) => ({ subject: reference, detail: status })),
        ...pending.map(({ reference }) => ({ subject: reference, detail: "a refund is pending" })),
      ]
    },
  },
]

function totals(amounts: { paymentId: string; amount: number }[]): Map<string, number> {
  const totals = new Map<string, number>()
  for (const { paymentId, amount } of amounts) totals.set(paymentId, (totals.get(paymentId) ?? 0) + amount)
  return totals
}

/** By reference: the refunds of the quotes that somebody cancelled with. */
function quotesUsed({ exchanges }: Evidence): Map<string, Set<number>> {
  const refundOf = new Map<string, number>()
  for (const { answer } of exchanges) {
    if (answer?.quote_token) refundOf.set(answer.quote_token, answer.refund.minor_units)
  }
  const used = new Map<string, Set<number>>()
  for (const { path, body } of exchanges) {
    const [, reference] = /^\/api\/bookings\/(\w+)\/cancel$/.exec(path) ?? []
    // Who lets an unpaid booking go needs no quote and gets nothing back; it may turn out to have been paid after all.
    const refund = body?.quote_token ? refundOf.get(body.quote_token) : 0
    if (!reference || refund === undefined) continue
    used.set(reference, (used.get(reference) ?? new Set()).add(refund))
  }
  return used
}
