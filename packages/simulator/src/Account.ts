/** The credit account behind the simulator's only key. Amounts are pico-credits (1e-12; 1 credit = 1 US dollar). */
export interface Account {
  /** What `x-remaining-credits` shows. Jobs that still run are not in it; it may go below zero by an estimate's error. */
  readonly balance: bigint
  /** The sum of all charges for calls to this simulator. */
  readonly spent: bigint
  /** How many calls were charged. */
  readonly charges: number
  /** What running jobs have set aside, invisible in the balance, as at the real gateway. */
  readonly reserved: bigint
  /** Adds credits, as an automatic recharge would. */
  topUp(amount: bigint): void
  /** Takes credits as another client of the same key would, or as an expiring batch of credits does. */
  spendElsewhere(amount: bigint): void
}

export class CreditAccount implements Account {
  balance: bigint
  spent = 0n
  charges = 0
  reserved = 0n

  constructor(opening: bigint) {
    this.balance = opening
  }

  topUp(amount: bigint): void {
    this.balance += amount
  }

  spendElsewhere(amount: bigint): void {
    this.balance -= amount
  }

  /** Sets an estimate aside unless the balance, less what others have set aside, is smaller. */
  reserve(estimate: bigint): boolean {
    if (this.balance - this.reserved < estimate) return false
    this.reserved += estimate
    return true
  }

  /** Gives an estimate back: the job failed, and failed jobs cost nothing. */
  release(estimate: bigint): void {
    this.reserved -= estimate
  }

  /** Gives an estimate back and takes the actual cost, once. */
  charge(estimate: bigint, cost: bigint): void {
    this.reserved -= estimate
    this.balance -= cost
    this.spent += cost
    this.charges++
  }
}
