import { afterAll, afterEach, beforeAll, expect, test } from "bun:test"
import { newId } from "@airside/kernel/ids"
import { bySavedCard, createPayment, type PaymentWorld, reasonOf, startPaymentWorld } from "../../test/payment-world.ts"

let world: PaymentWorld
beforeAll(async () => {
  world = await startPaymentWorld()
})
afterAll(() => world?.stop())
afterEach(() => world.wire.mend())

const add = async (userId: string, paymentMethod: string) =>
  (await world.person(userId).addBankCard({ requestId: newId(), paymentMethod })).card!
const list = async (userId: string) => (await world.person(userId).listBankCards({ pageSize: 0, pageToken: "" })).cards
const attachedTo = async (userId: string) => {
  const [row] = await world.sql`select stripe_customer_id as customer from customers where user_id = ${userId}`
  return (await world.stripe.paymentMethods.list({ customer: row!.customer, limit: 100 })).data
}

test("a card is saved by brand, last four digits and expiry, and is nobody else's", async () => {
  const userId = newId()
  const card = await add(userId, "pm_card_visa")
  expect(card).toMatchObject({ brand: "visa", last4: "4242", expiryMonth: expect.any(Number) })
  expect(await list(userId)).toEqual([card])
  expect(await list(newId())).toEqual([])
  const columns = await world.sql`select * from bank_cards where user_id = ${userId}`
  expect(JSON.stringify(columns)).not.toContain("4242424242424242")
})

test("the same card saved twice, also at once, is one row; another card is another", async () => {
  const userId = newId()
  const [first, second] = await Promise.all([add(userId, "pm_card_visa"), add(userId, "pm_card_visa")])
  expect(second.id).toBe(first.id)
  await add(userId, "pm_card_mastercard")
  expect((await list(userId)).map(({ brand }) => brand)).toEqual(["mastercard", "visa"])
})

test("a repeated request attaches one payment method", async () => {
  const userId = newId()
  const request = { requestId: newId(), paymentMethod: "pm_card_visa" }
  world.wire.loseAnswer(/attach$/)
  expect(await reasonOf(world.person(userId).addBankCard(request))).toBe("STRIPE_UNAVAILABLE")
  await world.person(userId).addBankCard(request)
  await world.person(userId).addBankCard(request)
  expect(await attachedTo(userId)).toHaveLength(1)
})

test("a card that its bank refuses is not saved: CARD_DECLINED with the bank's code", async () => {
  const userId = newId()
  const request = { requestId: newId(), paymentMethod: "pm_card_visa_chargeDeclinedInsufficientFunds" }
  const error = await world
    .person(userId)
    .addBankCard(request)
    .catch((error) => error)
  expect(error).toMatchObject({ reason: "CARD_DECLINED", metadata: { decline_code: "insufficient_funds" } })
  expect(await list(userId)).toEqual([])
})

test("no payment method, or a card's number: the field is named", async () => {
  for (const paymentMethod of ["", "4242424242424242", "pm_unknown"]) {
    const request = { requestId: newId(), paymentMethod }
    const error = await world
      .person(newId())
      .addBankCard(request)
      .catch((error) => error)
    expect(error).toMatchObject({ reason: "INVALID_REQUEST", fields: [{ field: "payment_method" }] })
  }
})

test("a removed card is gone here and at Stripe, every time that it was saved", async () => {
  const userId = newId()
  await add(userId, "pm_card_visa")
  const card = await add(userId, "pm_card_visa")
  await add(userId, "pm_card_amex")
  await world.person(userId).removeBankCard({ requestId: newId(), bankCardId: card.id })
  expect((await list(userId)).map(({ brand }) => brand)).toEqual(["amex"])
  expect((await attachedTo(userId)).map((method) => method.card!.brand)).toEqual(["amex"])
  const payment = await createPayment(world, { userId })
  expect(await reasonOf(world.person(userId).processPayment(bySavedCard(payment.id, card.id)))).toBe("CARD_NOT_FOUND")
})

test("a removal that Stripe did not hear of hides the card at once and is finished by the next call", async () => {
  const userId = newId()
  const card = await add(userId, "pm_card_visa")
  const request = { requestId: newId(), bankCardId: card.id }
  world.wire.cut(/detach$/)
  expect(await reasonOf(world.person(userId).removeBankCard(request))).toBe("STRIPE_UNAVAILABLE")
  expect(await list(userId)).toEqual([])
  const payment = await createPayment(world, { userId })
  expect(await reasonOf(world.person(userId).processPayment(bySavedCard(payment.id, card.id)))).toBe("CARD_NOT_FOUND")
  world.wire.mend()
  await world.person(userId).removeBankCard(request)
  expect(await attachedTo(userId)).toEqual([])
  expect((await add(userId, "pm_card_visa")).last4).toBe("4242")
})

test("a card that is saved again while its removal is unfinished is there again", async () => {
  const userId = newId()
  const card = await add(userId, "pm_card_visa")
  world.wire.cut(/detach$/)
  await reasonOf(world.person(userId).removeBankCard({ requestId: newId(), bankCardId: card.id }))
  await add(userId, "pm_card_visa")
  expect((await list(userId)).map(({ brand }) => brand)).toEqual(["visa"])
})

test("a person whose customer is gone at Stripe removes the old card and saves a new one", async () => {
  const userId = newId()
  const card = await add(userId, "pm_card_visa")
  const [row] = await world.sql`select stripe_customer_id as customer from customers where user_id = ${userId}`
  await world.stripe.customers.del(row!.customer)
  await world.person(userId).removeBankCard({ requestId: newId(), bankCardId: card.id })
  expect(await list(userId)).toEqual([])
  const request = { requestId: newId(), paymentMethod: "pm_card_mastercard" }
  expect(await reasonOf(world.person(userId).addBankCard(request))).toBe("STRIPE_UNAVAILABLE")
  await world.person(userId).addBankCard(request)
  expect((await attachedTo(userId)).map((method) => method.card!.brand)).toEqual(["mastercard"])
})

test("exactly one card is the default: the oldest, until another one is chosen or it is removed", async () => {
  const userId = newId()
  const person = world.person(userId)
  const defaults = async () => (await list(userId)).filter((card) => card.isDefault).map(({ brand }) => brand)
  const visa = await add(userId, "pm_card_visa")
  expect(visa.isDefault).toBe(true)
  const amex = await add(userId, "pm_card_amex")
  await add(userId, "pm_card_mastercard")
  expect(await defaults()).toEqual(["visa"])
  const request = { requestId: newId(), bankCardId: amex.id }
  expect((await person.setDefaultBankCard(request)).card).toEqual({ ...amex, isDefault: true })
  await person.setDefaultBankCard(request)
  expect(await defaults()).toEqual(["amex"])
  await person.removeBankCard({ requestId: newId(), bankCardId: amex.id })
  expect(await defaults()).toEqual(["visa"])
  for (const bankCardId of [amex.id, newId(), "x"]) {
    expect(await reasonOf(person.setDefaultBankCard({ requestId: newId(), bankCardId }))).toBe("CARD_NOT_FOUND")
  }
  const others = world.person(newId()).setDefaultBankCard({ requestId: newId(), bankCardId: visa.id })
  expect(await reasonOf(others)).toBe("CARD_NOT_FOUND")
})

test("another person's card, or none: CARD_NOT_FOUND, and it stays", async () => {
  const userId = newId()
  const card = await add(userId, "pm_card_visa")
  for (const bankCardId of [card.id, newId(), "x"]) {
    const refused = world.person(newId()).removeBankCard({ requestId: newId(), bankCardId })
    expect(await reasonOf(refused)).toBe("CARD_NOT_FOUND")
  }
  expect(await list(userId)).toEqual([card])
})

test("cards come in pages, and to people only", async () => {
  const userId = newId()
  for (const method of ["pm_card_visa", "pm_card_mastercard", "pm_card_amex"]) await add(userId, method)
  const first = await world.person(userId).listBankCards({ pageSize: 2, pageToken: "" })
  const second = await world.person(userId).listBankCards({ pageSize: 2, pageToken: first.nextPageToken })
  const brands = [...first.cards, ...second.cards].map(({ brand }) => brand)
  expect(brands).toEqual(["amex", "mastercard", "visa"])
  expect(second.nextPageToken).toBe("")
  expect(await reasonOf(world.guest(newId()).listBankCards({ pageSize: 0, pageToken: "" }))).toBe("NOT_ALLOWED")
  expect(await reasonOf(world.anonymous.listBankCards({ pageSize: 0, pageToken: "" }))).toBe("LOG_IN_REQUIRED")
})
