package dev.grantline

import dev.grantline.ffi.StoreReport as NativeReport

/**
 * The contract of stores, for whoever writes one: run it in a test of one's own.
 *
 * ```kotlin
 * StoreContract.check(OurTable(dataSource)).assertKept()
 * ```
 *
 * It needs no empty store: it works under names that nobody else has, and removes what it wrote.
 */
public object StoreContract {
    /** Goes through all rules for a store that one process uses at a time. */
    public suspend fun check(store: BlobStore): StoreReport = check(Store.blobs(store))

    /** Goes through all rules for a store that processes share. */
    public suspend fun check(store: SharedStore): StoreReport = check(Store.shared(store))

    private suspend fun check(store: Store) = store.native.use { StoreReport(native { it.check() }) }
}

/**
 * What came of a check.
 *
 * @property kept how many rules were kept
 * @property broken the rules that were broken
 */
public class StoreReport internal constructor(native: NativeReport) {
    public val kept: Int = native.kept.toInt()
    public val broken: List<BrokenRule> = native.broken.map { BrokenRule(it.rule, it.how) }

    /** @throws AssertionError naming each rule that was broken */
    public fun assertKept() {
        if (broken.isNotEmpty()) throw AssertionError(toString())
    }

    override fun toString(): String =
        (listOf("$kept rules of the store contract were kept, ${broken.size} broken") + broken).joinToString("\n")
}

/**
 * A rule that a store broke.
 *
 * @property rule the rule, as a sentence
 * @property how what was expected, and what came
 */
public class BrokenRule internal constructor(
    public val rule: String,
    public val how: String,
) {
    override fun toString(): String = "- $rule: $how"
}
