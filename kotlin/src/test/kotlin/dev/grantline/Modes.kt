package dev.grantline

import org.junit.jupiter.params.provider.Arguments

/** The emulator's two modes, for parameterised tests: what works in both does not depend on either. */
object Modes {
    @JvmStatic
    fun both(): List<Emulator> = Emulator.both()

    @JvmStatic
    fun withResponseModes(): List<Arguments> =
        both().flatMap { emulator -> ResponseMode.entries.map { Arguments.of(emulator, it) } }
}
