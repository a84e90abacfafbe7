import { afterAll, expect, test } from "bun:test"
import { refusal, submit, testSandbox } from "./testing.ts"

const { stripe, stop } = testSandbox()
afterAll(stop)

const numbered = (number: string, more: object = {}) =>
  stripe.paymentMethods.create({ type: "card", card: { number, exp_month: 12, exp_year: 2034, cvc: "123", ...more } })

const charge = (payment_method: string, more: object = {}) =>
  stripe.paymentIntents.create({
    amount: 5000,
    currency: "usd",
    allowed_payment_method_types: ["card"],
    payment_method,
    confirm: true,
    ...more,
  })

test("a saved card is listed, charged again and again, and gone when it is detached", async () => {
  const { id: customer } = await stripe.customers.create({ name: "Ada" })
  const method = await stripe.paymentMethods.attach((await numbered("4242424242424242")).id, { customer })
  expect(method).toMatchObject({ customer, card: { brand: "visa", last4: "4242", exp_month: 12, exp_year: 2034 } })
  expect((await stripe.customers.listPaymentMethods(customer)).data.map(({ id }) => id)).toEqual([method.id])
  for (const off_session of [true, true]) {
    expect(await charge(method.id, { customer, off_session })).toMatchObject({ status: "succeeded" })
  }
  expect(await stripe.paymentMethods.detach(method.id)).toMatchObject({ customer: null })
  expect((await stripe.paymentMethods.list({ customer })).data).toEqual([])
  expect((await refusal(charge(method.id, { customer }))).message).toContain("may not be used again")
  expect((await refusal(stripe.paymentMethods.attach(method.id, { customer }))).message).toContain(
    "may not be used again",
  )
})

test("a method of nobody is used once, also when it was declined", async () => {
  for (const number of ["4242424242424242", "4000000000000002"]) {
    const { id } = await numbered(number)
    await charge(id).catch(() => {})
    expect(await refusal(charge(id))).toMatchObject({ type: "StripeInvalidRequestError", statusCode: 400 })
  }
})

test("another customer's card is refused", async () => {
  const [ada, grace] = [await stripe.customers.create(), await stripe.customers.create()]
  const method = await stripe.paymentMethods.attach("pm_card_visa", { customer: ada.id })
  expect(await refusal(charge(method.id, { customer: grace.id }))).toMatchObject({
    statusCode: 400,
    code: "resource_missing",
  })
  expect(await refusal(charge(method.id))).toMatchObject({ statusCode: 400, param: "payment_method" })
  expect(await refusal(stripe.paymentMethods.attach(method.id, { customer: grace.id }))).toMatchObject({
    statusCode: 400,
  })
})

test("4000 0000 0000 0341 attaches, then fails", async () => {
  const { id: customer } = await stripe.customers.create()
  const method = await stripe.paymentMethods.attach((await numbered("4000000000000341")).id, { customer })
  expect(await refusal(charge(method.id, { customer, off_session: true }))).toMatchObject({
    statusCode: 402,
    code: "card_declined",
  })
})

test("a card that declines cannot be saved", async () => {
  const { id: customer } = await stripe.customers.create()
  const method = await numbered("4000000000009995")
  expect(await refusal(stripe.paymentMethods.attach(method.id, { customer }))).toMatchObject({
    statusCode: 402,
    decline_code: "insufficient_funds",
  })
  expect((await stripe.paymentMethods.list({ customer })).data).toEqual([])
})

test("4000 0025 0000 3155 pays off-session once it was set up with 3-D Secure", async () => {
  const { id: customer } = await stripe.customers.create()
  const method = await numbered("4000002500003155")
  const setup = await stripe.setupIntents.create({
    customer,
    payment_method: method.id,
    allowed_payment_method_types: ["card"],
    confirm: true,
    return_url: "https://shop.example/saved",
  })
  expect(setup).toMatchObject({ status: "requires_action" })
  const { location } = await submit(setup.next_action?.redirect_to_url?.url ?? "", { outcome: "complete" })
  expect(new URL(location).searchParams.get("setup_intent")).toBe(setup.id)
  expect(await stripe.setupIntents.retrieve(setup.id)).toMatchObject({ status: "succeeded" })
  expect(await charge(method.id, { customer, off_session: true })).toMatchObject({ status: "succeeded" })
})

test("a setup that fails saves nothing", async () => {
  const { id: customer } = await stripe.customers.create()
  const create = (payment_method: string) =>
    stripe.setupIntents.create({ customer, payment_method, allowed_payment_method_types: ["card"], confirm: true })
  expect(await refusal(create("pm_card_chargeDeclined"))).toMatchObject({ statusCode: 402, code: "card_declined" })
  const challenged = await create("pm_card_authenticationRequired")
  await submit(challenged.next_action?.use_stripe_sdk?.stripe_js as string, { outcome: "fail" })
  expect(await stripe.setupIntents.retrieve(challenged.id)).toMatchObject({
    status: "requires_payment_method",
    last_setup_error: { code: "setup_intent_authentication_failure" },
  })
  expect((await stripe.paymentMethods.list({ customer })).data).toEqual([])
})

test("a card that cannot be one is refused, with Stripe's code", async () => {
  const last = new Date().getFullYear() - 1
  expect(await refusal(numbered("4242424242424241"))).toMatchObject({ statusCode: 402, code: "incorrect_number" })
  expect(await refusal(numbered("4111111111111111"))).toMatchObject({
    code: "card_declined",
    decline_code: "test_mode_live_card",
  })
  expect(await refusal(numbered("4242424242424242", { exp_year: last }))).toMatchObject({ code: "invalid_expiry_year" })
  expect(await refusal(numbered("4242424242424242", { exp_month: 13 }))).toMatchObject({ code: "invalid_expiry_month" })
  expect(await refusal(numbered("4242424242424242", { cvc: "12" }))).toMatchObject({ code: "invalid_cvc" })
})

test("a deleted customer is gone with its cards", async () => {
  const { id: customer } = await stripe.customers.create()
  const method = await stripe.paymentMethods.attach("pm_card_amex", { customer })
  expect(await stripe.customers.del(customer)).toEqual(expect.objectContaining({ id: customer, deleted: true }))
  expect(await stripe.customers.retrieve(customer)).toMatchObject({ deleted: true })
  expect(await stripe.paymentMethods.retrieve(method.id)).toMatchObject({ customer: null })
  expect(await refusal(stripe.customers.update(customer, { name: "Ada" }))).toMatchObject({ statusCode: 404 })
  expect((await stripe.customers.list()).data.map(({ id }) => id)).not.toContain(customer)
})
