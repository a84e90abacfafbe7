/** The card as it was typed on the payment page. */

export interface CardForm {
  card_number: string
  expiry: string
  cvc: string
  name: string
}

export interface TypedCard {
  number: string
  exp_month: number
  exp_year: number
  cvc: string
  name: string
}

/** What was typed, as it is, the card that it means, and a message for each field that means nothing. */
export function readCardForm(form: URLSearchParams, now: number) {
  const value = (name: keyof CardForm) => (form.get(name) ?? "").trim().slice(0, 100)
  const values: CardForm = {
    card_number: value("card_number"),
    expiry: value("expiry"),
    cvc: value("cvc"),
    name: value("name"),
  }
  const number = values.card_number.replace(/[\s-]/g, "")
  const [, month, year] = /^(\d{1,2})\s*[/-]?\s*(\d{2}|\d{4})$/.exec(values.expiry) ?? []
  const card: TypedCard = {
    number,
    exp_month: Number(month),
    exp_year: Number(year) + (Number(year) < 100 ? 2000 : 0),
    cvc: values.cvc,
    name: values.name,
  }
  const errors: { [Field in keyof CardForm]?: string } = {}
  if (!/^\d{12,19}$/.test(number)) errors.card_number = "Your card number is incomplete."
  if (!month || card.exp_month < 1 || card.exp_month > 12) {
    errors.expiry = "Your card's expiration date is incomplete."
  } else if (card.exp_year * 12 + card.exp_month - 1 < monthsAt(now)) {
    errors.expiry = "Your card's expiration date is in the past."
  }
  if (!/^\d{3,4}$/.test(values.cvc)) errors.cvc = "Your card's security code is incomplete."
  if (values.name === "") errors.name = "Enter the name on the card."
  return { values, card, errors }
}

function monthsAt(now: number): number {
  const date = new Date(now)
  return date.getUTCFullYear() * 12 + date.getUTCMonth()
}
