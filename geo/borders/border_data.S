/* The border table that the build made, as bytes in the library: no file is needed at run time. */
    .section .rodata
    .balign 16
    .globl chiploc_border_data_begin
    .hidden chiploc_border_data_begin
chiploc_border_data_begin:
    .incbin CHIPLOC_BORDER_DATA
    .globl chiploc_border_data_end
    .hidden chiploc_border_data_end
chiploc_border_data_end:
    .byte 0
    .section .note.GNU-stack,"",%progbits
