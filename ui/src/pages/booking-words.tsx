import { BookingStatus } from "@airside/protos/airside/bookings/v1/bookings"
import { canBePaid } from "./status.tsx"

/** How a booking stands: said to its owner, or to staff who look at a customer's. */
export const headline = (status: BookingStatus, forStaff: boolean): string => HEADLINES[status][forStaff ? 1 : 0]

const HEADLINES: Record<BookingStatus, [owner: string, staff: string]> = {
  [BookingStatus.UNSPECIFIED]: ["Your booking", "A customer’s booking"],
  [BookingStatus.HELD]: ["Your seats are held", "The customer’s seats are held"],
  [BookingStatus.AWAITING_PAYMENT]: ["Your seats are held", "The customer’s seats are held"],
  [BookingStatus.PAID]: ["Paid. Your tickets are on their way", "Paid. The tickets are on their way"],
  [BookingStatus.CONFIRMED]: ["You are booked", "The customer is booked"],
  [BookingStatus.EXPIRING]: ["The hold has lapsed", "The hold has lapsed"],
  [BookingStatus.EXPIRED]: ["The hold has lapsed", "The hold has lapsed"],
  [BookingStatus.CANCELLING]: ["Your booking is being cancelled", "This booking is being cancelled"],
  [BookingStatus.CANCELLED]: ["This booking is cancelled", "This booking is cancelled"],
}

interface ExplanationProps {
  status: BookingStatus
  /** The page asks again by itself. */
  looksAgain: boolean
  forStaff: boolean
}

export function Explanation({ status, looksAgain, forStaff }: ExplanationProps) {
  const say = (tone: string, words: string) => (
    <p class={`notice ${tone}`} role="status">
      {words}
    </p>
  )
  if (looksAgain && !canBePaid(status)) return say("", "This takes a few seconds. The page looks again by itself.")
  switch (status) {
    case BookingStatus.HELD:
    case BookingStatus.AWAITING_PAYMENT:
      return say(
        "warn",
        forStaff
          ? "Nothing is paid yet. The seats are released when the hold lapses."
          : "Nothing is paid yet. Pay before the hold lapses to get your tickets.",
      )
    case BookingStatus.EXPIRING:
    case BookingStatus.EXPIRED:
      return say("", "The seats are free again. Nothing was charged; points that were set aside are back.")
    case BookingStatus.CONFIRMED:
      return say(
        "good",
        forStaff
          ? "The tickets are issued. With this reference and a passenger’s family name the customer can open them anywhere."
          : "Your tickets are issued. With this reference and a passenger’s family name you can open them anywhere.",
      )
    default:
      return null
  }
}
