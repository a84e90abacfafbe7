export interface Person {
  username: string
  email: string
  firstName: string
  lastName: string
  password: string
  staff: boolean
}

/** Log-ins of the demonstration; everybody may know them. */
export const DEMO_PASSWORD = "fly-with-airside"

export const DEMO_PEOPLE: Person[] = [
  {
    username: "demo",
    email: "demo@example.com",
    firstName: "Dana",
    lastName: "Moreau",
    password: DEMO_PASSWORD,
    staff: false,
  },
  {
    username: "staff",
    email: "staff@example.com",
    firstName: "Sam",
    lastName: "Okafor",
    password: DEMO_PASSWORD,
    staff: true,
  },
]
