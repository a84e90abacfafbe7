import type { Problems } from "@airside/kernel/errors"

/** Stripe's id of a payment method. A card's number is refused before it gets anywhere. */
export function parsePaymentMethod(value: string, problems: Problems): string {
  if (!/^pm_\w{1,64}$/.test(value)) problems.add("payment_method", 'must be Stripe\'s id, such as "pm_card_visa"')
  return value
}
