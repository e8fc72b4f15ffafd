/* The city table that the build made, as bytes in the library: no file is needed at run time. */
    .section .rodata
    .balign 16
    .globl chiploc_city_data_begin
    .hidden chiploc_city_data_begin
chiploc_city_data_begin:
    .incbin CHIPLOC_CITY_DATA
    .globl chiploc_city_data_end
    .hidden chiploc_city_data_end
chiploc_city_data_end:
    .byte 0
    .section .note.GNU-stack,"",%progbits
