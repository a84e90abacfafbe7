import type { FareBrand } from "@airside/protos/airside/flights/v1/flights"
import type { Brand } from "./fares.ts"

/** Holds for every brand; see bookings/cancellation-terms.ts. */
const FREE = "within 24 hours of booking, a week or more before departure, everything is"

/**
 * What a brand gives beside the flight; what it costs is in fares.ts. When a booking is cancelled, taxes and airport
 * charges always go back in full, and of the fare all but the fee.
 */
export const BRANDS: Record<Brand, Omit<FareBrand, "name">> = {
  light: {
    title: "Light",
    cabinBag: "One cabin bag up to 8 kg.",
    checkedBag: "No checked bag.",
    checkedBags: 0,
    seatChoice: "A seat is assigned to you at check-in.",
    choosesSeats: false,
    changes: "No changes: cancel and book anew.",
    refunds: `Taxes and airport charges are refunded, the fare is not; ${FREE}.`,
    cancellationFeePercent: 100,
  },
  standard: {
    title: "Standard",
    cabinBag: "One cabin bag up to 8 kg.",
    checkedBag: "One checked bag up to 23 kg.",
    checkedBags: 1,
    seatChoice: "Choose your seat at no charge.",
    choosesSeats: true,
    changes: "Cancel for the fee and book anew.",
    refunds: `Refunded but for a fee of 20 % of the fare; ${FREE}.`,
    cancellationFeePercent: 20,
  },
  flex: {
    title: "Flex",
    cabinBag: "One cabin bag up to 8 kg.",
    checkedBag: "Two checked bags up to 23 kg each.",
    checkedBags: 2,
    seatChoice: "Choose your seat at no charge.",
    choosesSeats: true,
    changes: "Cancel for free and book anew, as often as you like.",
    refunds: "Refunded in full until departure.",
    cancellationFeePercent: 0,
  },
}
