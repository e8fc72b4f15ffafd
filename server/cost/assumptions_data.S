/* assumptions.toml, as bytes in the library. */
    .section .rodata
    .balign 16
    .globl chiploc_assumptions_begin
    .hidden chiploc_assumptions_begin
chiploc_assumptions_begin:
    .incbin CHIPLOC_ASSUMPTIONS
    .globl chiploc_assumptions_end
    .hidden chiploc_assumptions_end
chiploc_assumptions_end:
    .byte 0
    .section .note.GNU-stack,"",%progbits
