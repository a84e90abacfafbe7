import { afterAll, beforeAll, expect, test } from "bun:test"
import { newId } from "@airside/kernel/ids"
import { MoneyAlertKind } from "@airside/protos/airside/payments/v1/payments"
import {
  byMethod,
  createPayment,
  deliverEvents,
  objectsOf,
  type PaymentWorld,
  reasonOf,
  startPaymentWorld,
} from "../../test/payment-world.ts"

let world: PaymentWorld
beforeAll(async () => {
  world = await startPaymentWorld()
})
afterAll(() => world?.stop())

async function disputedPayment() {
  const payment = await createPayment(world)
  await world.person(payment.userId).processPayment(byMethod(payment.id, "pm_card_createDispute"))
  const { intents } = await objectsOf(world, payment.id)
  const [dispute] = (await world.stripe.disputes.list({ payment_intent: intents[0]!.id })).data
  return { payment, dispute: dispute! }
}

const kindsOf = async (paymentId: string) => {
  const rows = await world.sql<{ kind: string }[]>`
    select kind
    from ledger_entries
    where payment_id = ${paymentId} and side = 'debit'
    order by create_time, kind desc`
  return rows.map(({ kind }) => kind)
}
const accountsOf = async (paymentId: string) => {
  const rows = await world.sql<{ account: string; balance: bigint }[]>`
    select account, sum(case side when 'debit' then amount_minor_units else -amount_minor_units end)::bigint as balance
    from ledger_entries
    where payment_id = ${paymentId}
    group by account`
  return Object.fromEntries(rows.map(({ account, balance }) => [account, balance]))
}
const alertsOf = async (paymentId: string) => {
  const { alerts } = await world.person(newId(), true).listMoneyAlerts({ pageSize: 100, pageToken: "" })
  return alerts.filter((alert) => alert.paymentId === paymentId)
}

test("a dispute is recorded once, its amount leaves the balance, and staff sees until when to answer", async () => {
  const { payment, dispute } = await disputedPayment()
  await Promise.all([deliverEvents(world, payment.id), deliverEvents(world, payment.id)])
  expect(await kindsOf(payment.id)).toEqual(["payment", "dispute_withdrawn"])
  expect(await accountsOf(payment.id)).toEqual({
    customer_funds: -12_345n,
    disputed_funds: 12_345n,
    stripe_balance: 0n,
  })
  const [alert] = await alertsOf(payment.id)
  expect(alert).toMatchObject({ kind: MoneyAlertKind.DISPUTE, id: dispute.id, bookingReference: "K7M2QX" })
  expect(alert!.description).toContain("evidence is due by")
})

test("an event that overtakes the answer to the payment finds the payment recorded first", async () => {
  const payment = await createPayment(world)
  world.wire.loseAnswer(/confirm$/)
  const lost = world.person(payment.userId).processPayment(byMethod(payment.id, "pm_card_createDispute"))
  expect(await reasonOf(lost)).toBe("STRIPE_UNAVAILABLE")
  await deliverEvents(world, payment.id, { reversed: true })
  expect(await kindsOf(payment.id)).toEqual(["payment", "dispute_withdrawn"])
})

test("won: the amount comes back and the alert is gone, even if the last event comes first", async () => {
  const { payment, dispute } = await disputedPayment()
  await world.stripe.disputes.update(dispute.id, { evidence: { uncategorized_text: "winning_evidence" } })
  await deliverEvents(world, payment.id, { reversed: true })
  expect(await accountsOf(payment.id)).toEqual({
    customer_funds: -12_345n,
    disputed_funds: 0n,
    stripe_balance: 12_345n,
  })
  expect(await alertsOf(payment.id)).toEqual([])
})

test("lost: the card's holder keeps the amount, and we owe nothing for it any more", async () => {
  const { payment, dispute } = await disputedPayment()
  await deliverEvents(world, payment.id)
  await world.stripe.disputes.close(dispute.id)
  await deliverEvents(world, payment.id)
  expect(await accountsOf(payment.id)).toEqual({ customer_funds: 0n, disputed_funds: 0n, stripe_balance: 0n })
  expect(await alertsOf(payment.id)).toEqual([])
})
