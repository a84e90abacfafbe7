import { afterAll, expect, test } from "bun:test"
import { refusal, testSandbox, until } from "./testing.ts"

const { stripe, stop, advance } = testSandbox()
afterAll(stop)

const pay = (payment_method: string) =>
  stripe.paymentIntents.create({
    amount: 5000,
    currency: "usd",
    allowed_payment_method_types: ["card"],
    confirm: true,
    payment_method,
  })

async function disputed(card = "pm_card_createDispute") {
  const { id } = await pay(card)
  const [dispute] = (await stripe.disputes.list({ payment_intent: id })).data
  return dispute!
}

async function eventsOf(object: string): Promise<string[]> {
  const { data } = await stripe.events.list({ limit: 100 })
  return data
    .filter((event) => (event.data.object as { id: string }).id === object)
    .map(({ type }) => type)
    .reverse()
}

test("a disputed payment succeeds, and the bank takes its amount and a fee", async () => {
  const dispute = await disputed()
  expect(dispute).toMatchObject({ amount: 5000, reason: "fraudulent", status: "needs_response" })
  expect(dispute.balance_transactions).toMatchObject([{ amount: -5000, fee: 1500, net: -6500 }])
  expect(await stripe.charges.retrieve(dispute.charge as string)).toMatchObject({ paid: true, disputed: true })
  expect(await eventsOf(dispute.id)).toEqual(["charge.dispute.created", "charge.dispute.funds_withdrawn"])
})

test("a disputed payment is not refunded as well, unless the dispute is won", async () => {
  for (const [evidence, code] of [
    ["", "charge_disputed"],
    ["losing_evidence", "charge_disputed"],
    ["winning_evidence", undefined],
  ] as const) {
    const { id, payment_intent } = await disputed()
    if (evidence) await stripe.disputes.update(id, { evidence: { uncategorized_text: evidence } })
    const refund = stripe.refunds.create({ payment_intent: payment_intent as string })
    if (code) expect(await refusal(refund)).toMatchObject({ statusCode: 400, code })
    else expect(await refund).toMatchObject({ status: "succeeded", amount: 5000 })
  }
})

test("an inquiry takes nothing and lets refunds pass, until it is escalated", async () => {
  const inquiry = await disputed("pm_card_createDisputeInquiry")
  expect(inquiry).toMatchObject({ status: "warning_needs_response", balance_transactions: [] })
  expect(await eventsOf(inquiry.id)).toEqual(["charge.dispute.created"])
  const refund = () => stripe.refunds.create({ payment_intent: inquiry.payment_intent as string, amount: 100 })
  const early = await refund()
  expect(early.status).toBe("succeeded")
  const submit = (uncategorized_text: string) =>
    stripe.disputes.update(inquiry.id, { evidence: { uncategorized_text } })
  expect((await submit("She flew.")).status).toBe("warning_under_review")
  expect(await submit("escalate_inquiry_evidence")).toMatchObject({
    status: "needs_response",
    balance_transactions: [{ amount: -5000 }],
  })
  expect(await refusal(refund())).toMatchObject({ code: "charge_disputed" })
  expect(await stripe.refunds.retrieve(early.id)).toMatchObject({
    status: "failed",
    failure_reason: "charge_for_pending_refund_disputed",
  })
  const { id } = await disputed("pm_card_createDisputeInquiry")
  const closed = await stripe.disputes.update(id, { evidence: { uncategorized_text: "winning_evidence" } })
  expect(closed).toMatchObject({ status: "warning_closed", balance_transactions: [] })
})

test("winning evidence brings the amount back; other evidence waits", async () => {
  const dispute = await disputed()
  const submit = (uncategorized_text: string) =>
    stripe.disputes.update(dispute.id, { evidence: { uncategorized_text } })
  expect(await submit("She flew, here is her boarding pass.")).toMatchObject({ status: "under_review" })
  const won = await submit("winning_evidence")
  expect(won.status).toBe("won")
  expect(won.balance_transactions.map(({ amount }) => amount)).toEqual([-5000, 5000])
  expect((await eventsOf(dispute.id)).slice(2)).toEqual([
    "charge.dispute.updated",
    "charge.dispute.closed",
    "charge.dispute.funds_reinstated",
  ])
  expect((await refusal(stripe.disputes.close(dispute.id))).message).toContain("already closed")
})

test("losing evidence, or accepting it, loses the dispute", async () => {
  const [answered, accepted] = [await disputed(), await disputed()]
  await stripe.disputes.update(answered.id, { evidence: { uncategorized_text: "losing_evidence" } })
  await stripe.disputes.close(accepted.id)
  for (const { id } of [answered, accepted]) {
    const lost = await stripe.disputes.retrieve(id)
    expect(lost.status).toBe("lost")
    expect(lost.balance_transactions).toHaveLength(1)
  }
})

test("a refund to a card that takes none looks well at first and fails later; the charge can be refunded again", async () => {
  const { id } = await pay("pm_card_refundFail")
  const refund = await stripe.refunds.create({ payment_intent: id, metadata: { refund_id: "r-1" } })
  expect(refund.status).toBe("succeeded")
  expect(await stripe.charges.retrieve(refund.charge as string)).toMatchObject({ amount_refunded: 5000 })
  advance(10)
  await until(async () => (await stripe.refunds.retrieve(refund.id)).status === "failed")
  expect(await stripe.refunds.retrieve(refund.id)).toMatchObject({ failure_reason: "expired_or_canceled_card" })
  expect(await eventsOf(refund.id)).toEqual([
    "refund.created",
    "refund.updated",
    "refund.failed",
    "charge.refund.updated",
  ])
  const charge = await stripe.charges.retrieve(refund.charge as string)
  expect(charge).toMatchObject({ amount_refunded: 0, refunded: false })
  expect((await stripe.refunds.create({ payment_intent: id })).amount).toBe(5000)
})
