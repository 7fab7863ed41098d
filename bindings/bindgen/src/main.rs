//! Writes the Kotlin and Swift sources that the shells stand on, from the compiled library.

fn main() {
    uniffi::uniffi_bindgen_main();
}
