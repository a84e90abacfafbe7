import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test"
import { newId } from "@airside/kernel/ids"
import { createLog } from "@airside/kernel/log"
import { connectDatabase, type Database } from "@airside/kernel/sql"
import { MoneyAlertKind, type RefundPaymentRequest, RefundStatus } from "@airside/protos/airside/payments/v1/payments"
import {
  byMethod,
  createPayment,
  deliverEvents,
  objectsOf,
  type PaymentWorld,
  paidPayment,
  reasonOf,
  startPaymentWorld,
} from "../../test/payment-world.ts"
import type { Context } from "../context.ts"
import { carryOnPendingRefunds, carryOnWithheldRefunds } from "./carry-on-refunds.ts"

const WINS = { evidence: { uncategorized_text: "winning_evidence" } }
let world: PaymentWorld
let database: Database
let context: Context
let references = 0

beforeAll(async () => {
  world = await startPaymentWorld()
  database = connectDatabase({ url: world.world.environment.PAYMENT_DATABASE_URL!, connections: 2 })
  const { stripe } = world
  context = { database, stripe, webhookSecret: undefined, sellingCurrency: "USD", log: createLog("payment", "fatal") }
})
afterAll(async () => {
  await database?.close()
  await world?.stop()
})
afterEach(() => world.wire.mend())

async function disputedPayment(card = "pm_card_createDispute") {
  const payment = await createPayment(world, { bookingReference: `WAITS${++references}` })
  await world.person(payment.userId).processPayment(byMethod(payment.id, card))
  const { intents } = await objectsOf(world, payment.id)
  const [dispute] = (await world.stripe.disputes.list({ payment_intent: intents[0]!.id })).data
  return { ...payment, disputeId: dispute!.id }
}
type Disputed = Awaited<ReturnType<typeof disputedPayment>>

const refundOf = (paymentId: string, minorUnits: bigint, refundId = newId()): RefundPaymentRequest => ({
  requestId: newId(),
  refundId,
  paymentId,
  amount: { currency: "USD", minorUnits },
})
const refund = async (paymentId: string, minorUnits: bigint) =>
  (await world.backend.refundPayment(refundOf(paymentId, minorUnits))).refund!

async function withheldRefund(payment: Disputed) {
  await deliverEvents(world, payment.id)
  const { id, status } = await refund(payment.id, 5000n)
  expect(status).toBe(RefundStatus.WITHHELD)
  return id
}

const statusesOf = async (paymentId: string) => {
  const rows = await world.sql<{ status: string }[]>`
    select status from refunds where payment_id = ${paymentId} order by create_time`
  return rows.map(({ status }) => status)
}
async function refundsAtStripe(paymentId: string) {
  const { data } = await world.stripe.refunds.list({ limit: 100 })
  return data.filter(({ metadata }) => metadata?.payment_id === paymentId).map(({ amount }) => amount)
}
const balancesOf = async (paymentId: string) => {
  const rows = await world.sql<{ account: string; balance: bigint }[]>`
    select account, sum(case side when 'debit' then amount_minor_units else -amount_minor_units end)::bigint as balance
    from ledger_entries
    where payment_id = ${paymentId}
    group by account`
  return Object.fromEntries(rows.map(({ account, balance }) => [account, balance]))
}
const staff = () => world.person(newId(), true)
const alertsOf = async (paymentId: string) => {
  const { alerts } = await staff().listMoneyAlerts({ pageSize: 100, pageToken: "" })
  return alerts.filter((alert) => alert.paymentId === paymentId)
}
const toldOf = async ({ bookingReference, userId }: Disputed) => {
  const { events } = await world.person(userId).listMoneyEvents({ bookingReference, pageSize: 100, pageToken: "" })
  return events.map(({ description }) => description)
}

const ASKED = "A refund was asked for."
const WAITS = "The refund waits for the bank's decision about the dispute: until then the bank has the money, not we."

describe("while the bank has the money", () => {
  test("a refund is promised and waits: nothing is asked of Stripe, staff and the traveller see why", async () => {
    const payment = await disputedPayment()
    await deliverEvents(world, payment.id)
    const request = refundOf(payment.id, 5000n)
    const before = world.wire.requests.length
    const answer = await world.backend.refundPayment(request)
    expect(answer.refund).toMatchObject({ id: request.refundId, status: RefundStatus.WITHHELD })
    expect(answer.payment!.refunded!.minorUnits).toBe(5000n)
    expect(await world.backend.refundPayment({ ...request, requestId: newId() })).toEqual(answer)
    expect(world.wire.requests).toHaveLength(before)
    const alerts = await alertsOf(payment.id)
    expect(alerts.map(({ kind }) => kind).toSorted()).toEqual([MoneyAlertKind.DISPUTE, MoneyAlertKind.REFUND_WITHHELD])
    const told = await toldOf(payment)
    expect(told.slice(-2)).toEqual([ASKED, WAITS])
    expect(await reasonOf(world.backend.refundPayment(refundOf(payment.id, 7346n)))).toBe("REFUND_TOO_LARGE")
  })

  test("a dispute that we have not heard of yet is Stripe's refusal: it is fetched, and the refund waits", async () => {
    const payment = await disputedPayment()
    expect((await refund(payment.id, 5000n)).status).toBe(RefundStatus.WITHHELD)
    expect(await balancesOf(payment.id)).toMatchObject({ disputed_funds: 12_345n, customer_funds: -12_345n })
    expect((await toldOf(payment)).at(-1)).toBe(WAITS)
  })

  test("a refusal for a dispute that is nowhere to be seen yet waits, until Stripe refunds after all", async () => {
    const payment = await paidPayment(world)
    const error = { type: "invalid_request_error", code: "charge_disputed", message: "no" }
    world.wire.answerWith(/POST \/v1\/refunds$/, () => Response.json({ error }, { status: 400 }))
    expect((await refund(payment.id, 5000n)).status).toBe(RefundStatus.WITHHELD)
    await carryOnWithheldRefunds(context)
    expect(await statusesOf(payment.id)).toEqual(["succeeded"])
    expect(await refundsAtStripe(payment.id)).toEqual([5000])
  })

  test("staff's try is no try, and says that it waits", async () => {
    const payment = await disputedPayment()
    const refundId = await withheldRefund(payment)
    const { refund } = await staff().retryRefund({ requestId: newId(), paymentId: payment.id, refundId })
    expect(refund!.status).toBe(RefundStatus.WITHHELD)
  })

  test("an inquiry takes nothing, and does not keep a refund", async () => {
    const payment = await disputedPayment("pm_card_createDisputeInquiry")
    await deliverEvents(world, payment.id)
    expect((await refund(payment.id, 5000n)).status).toBe(RefundStatus.SUCCEEDED)
    expect(await refundsAtStripe(payment.id)).toEqual([5000])
  })
})

test.each([false, true])(
  "an inquiry that is escalated overtakes the refund, which waits then; events reversed: %p",
  async (reversed) => {
    const payment = await disputedPayment("pm_card_createDisputeInquiry")
    await deliverEvents(world, payment.id)
    expect((await refund(payment.id, 5000n)).status).toBe(RefundStatus.SUCCEEDED)
    const escalation = { evidence: { uncategorized_text: "escalate_inquiry_evidence" } }
    await world.stripe.disputes.update(payment.disputeId, escalation)
    await deliverEvents(world, payment.id, { reversed })
    expect(await statusesOf(payment.id)).toEqual(["withheld"])
    expect(await balancesOf(payment.id)).toEqual({
      customer_funds: -12_345n,
      disputed_funds: 12_345n,
      stripe_balance: 0n,
    })
    await world.stripe.disputes.update(payment.disputeId, WINS)
    await deliverEvents(world, payment.id, { reversed })
    expect(await statusesOf(payment.id)).toEqual(["succeeded"])
    expect(await balancesOf(payment.id)).toMatchObject({ customer_funds: -7345n, stripe_balance: 7345n })
  },
)

describe("the dispute is won", () => {
  test("the refund goes to the card once, whatever order the events come in and however often", async () => {
    const payment = await disputedPayment()
    await withheldRefund(payment)
    await world.stripe.disputes.update(payment.disputeId, WINS)
    await Promise.all([deliverEvents(world, payment.id, { reversed: true }), deliverEvents(world, payment.id)])
    await deliverEvents(world, payment.id)
    expect(await statusesOf(payment.id)).toEqual(["succeeded"])
    expect(await refundsAtStripe(payment.id)).toEqual([5000])
    expect(await balancesOf(payment.id)).toEqual({
      customer_funds: -7345n,
      disputed_funds: 0n,
      stripe_balance: 7345n,
    })
    expect(await alertsOf(payment.id)).toEqual([])
    const told = await toldOf(payment)
    expect(told).toContain(WAITS)
    expect(told.at(-1)).toStartWith("Refunded to Visa ending in 0259.")
  })

  test("asked for at the moment of the decision, it does not wait for ever", async () => {
    const payment = await disputedPayment()
    await deliverEvents(world, payment.id)
    await world.stripe.disputes.update(payment.disputeId, WINS)
    await Promise.all([deliverEvents(world, payment.id), refund(payment.id, 3000n), refund(payment.id, 4000n)])
    expect(await statusesOf(payment.id)).toEqual(["succeeded", "succeeded"])
    expect((await refundsAtStripe(payment.id)).toSorted()).toEqual([3000, 4000])
  })

  test("a death between the decision's record and the refund: the event's repetition makes up for it", async () => {
    const payment = await disputedPayment()
    await withheldRefund(payment)
    await world.stripe.disputes.update(payment.disputeId, WINS)
    world.wire.cut(/POST \/v1\/refunds$/)
    expect(await reasonOf(deliverEvents(world, payment.id))).toBe("STRIPE_UNAVAILABLE")
    expect(await statusesOf(payment.id)).toEqual(["pending"])
    world.wire.mend()
    await deliverEvents(world, payment.id)
    expect(await statusesOf(payment.id)).toEqual(["succeeded"])
    expect(await refundsAtStripe(payment.id)).toEqual([5000])
  })

  test("and where no event comes again, the sweep does", async () => {
    const payment = await disputedPayment()
    await withheldRefund(payment)
    await world.stripe.disputes.update(payment.disputeId, WINS)
    world.wire.cut(/POST \/v1\/refunds$/)
    await reasonOf(deliverEvents(world, payment.id))
    await world.sql`update refunds set attempt_time = now() - interval '2 minutes' where payment_id = ${payment.id}`
    await carryOnPendingRefunds(context)
    expect(await statusesOf(payment.id)).toEqual(["succeeded"])
  })

  test("a decision that no event tells is found out", async () => {
    const payment = await disputedPayment()
    await withheldRefund(payment)
    await carryOnWithheldRefunds(context)
    expect(await statusesOf(payment.id)).toEqual(["withheld"])
    await world.stripe.disputes.update(payment.disputeId, WINS)
    await carryOnWithheldRefunds(context)
    expect(await statusesOf(payment.id)).toEqual(["succeeded"])
    expect(await refundsAtStripe(payment.id)).toEqual([5000])
  })

  test("Stripe refuses all the same: that is failed, for staff", async () => {
    const payment = await disputedPayment()
    await withheldRefund(payment)
    await world.stripe.disputes.update(payment.disputeId, WINS)
    const error = { type: "invalid_request_error", code: "charge_disputed", message: "no" }
    world.wire.answerWith(/POST \/v1\/refunds$/, () => Response.json({ error }, { status: 400 }))
    await deliverEvents(world, payment.id)
    expect(await alertsOf(payment.id)).toMatchObject([{ kind: MoneyAlertKind.REFUND_FAILED }])
  })
})

describe("the dispute is lost", () => {
  test("the card's holder has all the money from the bank: nothing is sent, and nothing is owed", async () => {
    const payment = await disputedPayment()
    await withheldRefund(payment)
    await world.stripe.disputes.close(payment.disputeId)
    await deliverEvents(world, payment.id, { reversed: true })
    await deliverEvents(world, payment.id)
    expect(await statusesOf(payment.id)).toEqual(["charged_back"])
    expect(await refundsAtStripe(payment.id)).toEqual([])
    expect(await balancesOf(payment.id)).toEqual({ customer_funds: 0n, disputed_funds: 0n, stripe_balance: 0n })
    expect(await alertsOf(payment.id)).toEqual([])
    const told = await toldOf(payment)
    expect(told.at(-1)).toBe("No refund was sent: the card's holder has got this money back from the bank.")
  })

  test("a refund that is asked for afterwards is settled at once, and no more than was paid", async () => {
    const payment = await disputedPayment()
    await deliverEvents(world, payment.id)
    await world.stripe.disputes.close(payment.disputeId)
    await deliverEvents(world, payment.id)
    const before = world.wire.requests.length
    expect((await refund(payment.id, 5000n)).status).toBe(RefundStatus.CHARGED_BACK)
    expect((await refund(payment.id, 7345n)).status).toBe(RefundStatus.CHARGED_BACK)
    expect(await reasonOf(refund(payment.id, 1n))).toBe("REFUND_TOO_LARGE")
    expect(world.wire.requests).toHaveLength(before)
    expect(await toldOf(payment)).not.toContain(WAITS)
  })

  test("the loss of a part makes up for no more than that part", async () => {
    const payment = await paidPayment(world)
    await database.inTransaction(
      (tx) => tx`
        insert into ledger_entries (payment_id, posting_id, kind, stripe_id, side, account, currency, amount_minor_units)
        select ${payment.id}, ${newId()}::uuid, 'dispute_lost', 'dp_1', side, account, 'USD', 1000
        from (values ('debit', 'customer_funds'), ('credit', 'disputed_funds')) as entries (side, account)`,
    )
    expect((await refund(payment.id, 900n)).status).toBe(RefundStatus.CHARGED_BACK)
    expect((await refund(payment.id, 200n)).status).toBe(RefundStatus.SUCCEEDED)
    expect(await refundsAtStripe(payment.id)).toEqual([200])
  })
})
