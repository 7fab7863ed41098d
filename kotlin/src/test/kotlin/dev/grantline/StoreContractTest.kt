package dev.grantline

import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.assertThrows

class StoreContractTest {
    @Test
    fun `a blob store in Kotlin keeps the contract`() = suspending {
        val report = StoreContract.check(MapBlobs())
        report.assertKept()
        assertTrue(report.kept > 40, "$report")
    }

    @Test
    fun `a shared store in Kotlin keeps the contract`() = suspending {
        val report = StoreContract.check(MapShared())
        report.assertKept()
        assertTrue(report.kept > 40, "$report")
    }

    @Test
    fun `a store that forgets to look at the version breaks rules which are named`() = suspending {
        val careless =
            object : MapShared() {
                override suspend fun replace(name: String, expected: String?, bytes: ByteArray) =
                    super.replace(name, load(name).kept?.version, bytes)
            }
        val report = StoreContract.check(careless)
        assertTrue(report.broken.isNotEmpty())
        val failure = assertThrows<AssertionError> { report.assertKept() }
        assertTrue(report.broken.all { it.rule in failure.message!! && it.how in failure.message!! })
    }
}
