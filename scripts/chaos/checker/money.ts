import { type Evidence, type Finding, type Invariant, KEEPS_REFUNDS, moneyByBooking } from "./evidence.ts"

interface Booking {
  reference: string
  status: string
  asked: number
  givenBack: number
}

/** What the card was asked for and what cancelling has promised back. */
async function bookings({ admin }: Evidence): Promise<Booking[]> {
  return admin`
    select b.reference, b.status, b.payment_minor_units::float8 as asked,
           coalesce((
             select sum(c.refund_minor_units) from backend.cancellations c where c.booking_id = b.id
           ), 0)::float8 as "givenBack"
    from backend.bookings b`
}

/** What is kept is what was asked for less what was promised back; or a bank has all that was asked for. */
function isExact({ asked, givenBack }: Booking, { kept, disputed } = { kept: 0, disputed: 0 }): boolean {
  return kept === asked - givenBack || (kept === 0 && disputed >= asked)
}

const FINAL = ["confirmed", "cancelled", "expired"]

export const moneyInvariants: Invariant[] = [
  {
    name: "charged-twice",
    sentence: "No booking has more than one charge that was not refunded.",
    isDueLater: true,
    async find(evidence): Promise<Finding[]> {
      return [...(await moneyByBooking(evidence))]
        .filter(([, { unrefundedCharges }]) => unrefundedCharges > 1)
        .map(([subject, { unrefundedCharges }]) => ({ subject, detail: `${unrefundedCharges} charges` }))
    },
  },
  {
    name: "paid-for-nothing",
    sentence: "Who has paid has a confirmed booking or the money back.",
    isDueLater: true,
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
    isDueLater: true,
    async find(evidence) {
      const money = await moneyByBooking(evidence)
      return (await bookings(evidence)).flatMap((booking) => {
        const { reference, status, asked, givenBack } = booking
        if (status !== "confirmed" || isExact(booking, money.get(reference))) return []
        const kept = money.get(reference)?.kept ?? 0
        return [{ subject: reference, detail: `${kept} kept, ${asked} asked, ${givenBack} given back` }]
      })
    },
  },
  {
    name: "refund-differs",
    sentence: "Who cancelled got back what the quote said, once; what a bank has taken is promised, and not sent.",
    isDueLater: true,
    async find(evidence) {
      const money = await moneyByBooking(evidence)
      const quoted = quotesUsed(evidence)
      const promises: { reference: string; refund: number }[] = await evidence.admin`
        select b.reference, c.refund_minor_units::float8 as refund
        from backend.cancellations c join backend.bookings b on b.id = c.booking_id
        where b.status in ('confirmed', 'cancelled')`
      const kept = (await bookings(evidence)).flatMap((booking) => {
        const { reference, status, asked, givenBack } = booking
        if (status !== "cancelled" || isExact(booking, money.get(reference))) return []
        const kept = money.get(reference)?.kept ?? 0
        return [{ subject: reference, detail: `${kept} kept of ${asked}, ${givenBack} promised` }]
      })
      const notQuoted = promises
        .filter(({ reference, refund }) => !quoted.get(reference)?.has(refund))
        .map(({ reference, refund }) => ({ subject: reference, detail: `${refund} promised, and that was not quoted` }))
      const promised = await promisedByBooking(evidence)
      const broken = (await bookings(evidence)).flatMap(({ reference, status, givenBack }) => {
        const { disputed } = money.get(reference) ?? { disputed: 0 }
        const found = promised.get(reference) ?? 0
        if (disputed === 0 || !["confirmed", "cancelled"].includes(status) || found === givenBack) return []
        return [{ subject: reference, detail: `disputed, ${givenBack} to be promised, ${found} is` }]
      })
      return [...kept, ...notQuoted, ...broken]
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
    sentence: "Our ledger has every charge and refund of Stripe's, what known disputes have moved, and nothing else.",
    isDueLater: true,
    async find({ admin, stripe }) {
      const rows: { paymentId: string; taken: number; returned: number }[] = await admin`
        select payment_id as "paymentId",
               coalesce(sum(amount_minor_units) filter (where side = 'debit'), 0)::float8 as taken,
               coalesce(sum(amount_minor_units) filter (where side = 'credit'), 0)::float8 as returned
        from payment.ledger_entries
        where account = 'stripe_balance'
        group by payment_id`
      const ours = new Map(rows.map((row) => [row.paymentId, row]))
      const known: { id: string }[] = await admin`select id from payment.disputes`
      const isKnown = new Set(known.map(({ id }) => id))
      const moves = stripe.disputes
        .filter(({ disputeId }) => isKnown.has(disputeId))
        .flatMap(({ paymentId, moves }) => moves.map((amount) => ({ paymentId, amount })))
      const charged = totals([...stripe.charges, ...moves.filter(({ amount }) => amount > 0)])
      const refunded = totals([
        ...stripe.refunds,
        ...moves.filter(({ amount }) => amount < 0).map((move) => ({ ...move, amount: -move.amount })),
      ])
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
    isDueLater: true,
    async find(evidence) {
      const open = (await bookings(evidence)).filter(({ status }) => !FINAL.includes(status))
      const pending: { reference: string }[] = await evidence.admin`
        select p.booking_reference as reference
        from payment.refunds r join payment.payment_transactions p on p.id = r.payment_id
        where r.status = 'pending'`
      const undecided = evidence.stripe.disputes.filter(
        ({ status }) => status !== "lost" && KEEPS_REFUNDS.includes(status),
      )
      const isUndecided = new Set(undecided.map(({ paymentId }) => paymentId))
      const withheld: { paymentId: string; reference: string }[] = await evidence.admin`
        select p.id as "paymentId", p.booking_reference as reference
        from payment.refunds r join payment.payment_transactions p on p.id = r.payment_id
        where r.status = 'withheld'`
      const waiting = withheld.filter(({ paymentId }) => !isUndecided.has(paymentId))
      return [
        ...open.map(({ reference, status }) => ({ subject: reference, detail: status })),
        ...pending.map(({ reference }) => ({ subject: reference, detail: "a refund is pending" })),
        ...waiting.map(({ reference }) => ({ subject: reference, detail: "a refund waits for no open dispute" })),
      ]
    },
  },
]

/** By reference: the refunds of the payment that the booking counts, those that wait or were made up for too. */
async function promisedByBooking({ admin }: Evidence): Promise<Map<string, number>> {
  const rows: { reference: string; promised: number }[] = await admin`
    select b.reference, sum(r.amount_minor_units)::float8 as promised
    from backend.bookings b join payment.refunds r on r.payment_id = b.settled_payment_id
    where r.status in ('succeeded', 'withheld', 'charged_back')
    group by b.reference`
  return new Map(rows.map(({ reference, promised }) => [reference, promised]))
}

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
