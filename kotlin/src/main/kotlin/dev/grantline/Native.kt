package dev.grantline

import dev.grantline.ffi.NativeException
import java.time.Duration
import dev.grantline.ffi.InternalException as NativePanic

/** Runs a native call and turns its failure into the exception that a user sees. */
internal inline fun <T> native(call: () -> T): T =
    try {
        call()
    } catch (failure: NativeException) {
        throw failure.asException()
    } catch (panic: NativePanic) {
        // Its text is a panic's and may hold anything.
        throw InternalException("internal", Advice.REPORT_BUG, "grantline's native side failed")
    }

internal fun NativeException.asException(): GrantlineException =
    when (this) {
        is NativeException.Failed -> asException()
    }

private fun NativeException.Failed.asException(): GrantlineException {
    val advice = named(advice, Advice.REPORT_BUG)
    val retryAfter = retryAfterMs?.let { Duration.ofMillis(it.toLong()) }
    return when (named(fault, Fault.INTERNAL)) {
        Fault.SERVER_REFUSED -> refused(advice, retryAfter)
        Fault.SERVER_MISBEHAVED -> ServerMisbehavedException(code, advice, retryAfter, text)
        Fault.TRANSPORT -> TransportException(code, advice, retryAfter, text)
        Fault.UNSUPPORTED -> UnsupportedException(code, advice, text)
        Fault.MISUSE -> MisuseException(code, advice, text)
        Fault.STORE -> StoreException(code, advice, text)
        Fault.CANCELLED -> CancelledException(code, advice, text)
        Fault.INTERNAL -> InternalException(code, advice, text)
    }
}

private fun NativeException.Failed.refused(advice: Advice, retryAfter: Duration?) =
    ServerRefusedException(
        code = code,
        advice = advice,
        retryAfter = retryAfter,
        message = text,
        error = refusal?.error,
        errorDescription = refusal?.errorDescription,
        errorUri = refusal?.errorUri,
        status = refusal?.status?.toInt(),
        members = refusal?.members,
    )

internal inline fun <reified E : Enum<E>> named(stableName: String, otherwise: E): E =
    enumValues<E>().firstOrNull { it.name.equals(stableName, ignoreCase = true) } ?: otherwise
