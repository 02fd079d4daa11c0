select case
         when $2::text is null then format($6::text, $1::text)
         else format(
           $7::text, $1::text, $2::text, $3::text, $4::text,
           case $4::text
             when 'timestamptz' then format('at time zone %L', $5::text)
             when 'timestamp' then format('at time zone %L at time zone %L', $8::text, $5::text)
             else '::timestamp'
           end
         )
       end
