/* DejaVu Sans as the build found it (Debian's fonts-dejavu-core), as bytes in the library. */
    .section .rodata
    .balign 16
    .globl chiploc_font_data_begin
    .hidden chiploc_font_data_begin
chiploc_font_data_begin:
    .incbin CHIPLOC_FONT_DATA
    .globl chiploc_font_data_end
    .hidden chiploc_font_data_end
chiploc_font_data_end:
    .byte 0
    .section .note.GNU-stack,"",%progbits
